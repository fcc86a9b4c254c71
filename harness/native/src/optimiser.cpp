// libtorch's fused optimiser steps: one call for all parameters of a group instead of several operations a parameter.

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_sgd.h>
#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "shim.hpp"

using bench_native::error_of;

namespace {

// Parameters that were stepped equally often, as the fused calls want them.
struct Lists {
  std::vector<at::Tensor> parameters, gradients, first, second, steps;
};

}  // namespace

struct BenchOptimiser {
  std::vector<at::Tensor> parameters;
  // Moments of Adam; of SGD only the first (the momentum).
  std::vector<at::Tensor> first, second;
  std::vector<int64_t> steps;
  bool adam = true;
  double beta1 = 0, beta2 = 0, epsilon = 0, momentum = 0, weight_decay = 0;

  BenchOptimiser(at::Tensor** tensors, size_t count) {
    for (size_t at = 0; at < count; ++at) {
      TORCH_CHECK(tensors[at]->is_contiguous(), "a parameter is not contiguous");
      parameters.push_back(*tensors[at]);
    }
    steps.assign(count, 0);
  }

  static std::vector<at::Tensor> zeros_like(const std::vector<at::Tensor>& tensors) {
    at::NoGradGuard no_grad;
    std::vector<at::Tensor> zeros;
    for (const at::Tensor& tensor : tensors) {
      zeros.push_back(at::zeros_like(tensor.detach()));
    }
    return zeros;
  }

  // A parameter without a gradient is left alone and its step is not counted, as in PyTorch.
  std::map<int64_t, Lists> stepped() {
    std::map<int64_t, Lists> equal;
    for (size_t at = 0; at < parameters.size(); ++at) {
      const at::Tensor& gradient = parameters[at].grad();
      if (!gradient.defined()) {
        continue;
      }
      Lists& lists = equal[++steps[at]];
      lists.parameters.push_back(parameters[at]);
      lists.gradients.push_back(gradient.contiguous());
      if (!first.empty()) {
        lists.first.push_back(first[at]);
      }
      if (!second.empty()) {
        lists.second.push_back(second[at]);
      }
    }
    return equal;
  }

  void step(double rate) {
    at::NoGradGuard no_grad;
    for (auto& [count, lists] : stepped()) {
      if (adam) {
        // The kernels only read the step, so all parameters share one; the CUDA kernel reads it as float32, whatever the parameters are.
        const at::Tensor step = at::full({}, static_cast<double>(count), lists.parameters.front().options().dtype(at::kFloat).requires_grad(false));
        lists.steps.assign(lists.parameters.size(), step);
        at::_fused_adam_(lists.parameters, lists.gradients, lists.first, lists.second, {}, lists.steps, rate, beta1, beta2, weight_decay, epsilon,
                         /*amsgrad=*/false, /*maximize=*/false);
      } else {
        at::_fused_sgd_(lists.parameters, lists.gradients, lists.first, weight_decay, momentum, rate, /*dampening=*/0, /*nesterov=*/false,
                        /*maximize=*/false, /*is_first_step=*/count == 1);
      }
    }
  }

  // Without a copy to the host: a GPU need not be waited for.
  void clip(double largest) {
    at::NoGradGuard no_grad;
    std::vector<at::Tensor> gradients;
    for (const at::Tensor& parameter : parameters) {
      if (parameter.grad().defined()) {
        gradients.push_back(parameter.grad());
      }
    }
    if (gradients.empty()) {
      return;
    }
    const at::Tensor norm = at::stack(at::_foreach_norm(gradients)).norm();
    at::_foreach_mul_(gradients, ((norm + 1e-6).reciprocal() * largest).clamp_max(1.0));
  }
};

extern "C" {

char* bench_native_adam(at::Tensor** parameters, size_t count, double beta1, double beta2, double epsilon, double weight_decay, BenchOptimiser** made) {
  return error_of([=] {
    auto optimiser = std::make_unique<BenchOptimiser>(parameters, count);
    optimiser->first = BenchOptimiser::zeros_like(optimiser->parameters);
    optimiser->second = BenchOptimiser::zeros_like(optimiser->parameters);
    optimiser->beta1 = beta1;
    optimiser->beta2 = beta2;
    optimiser->epsilon = epsilon;
    optimiser->weight_decay = weight_decay;
    *made = optimiser.release();
  });
}

char* bench_native_sgd(at::Tensor** parameters, size_t count, double momentum, double weight_decay, BenchOptimiser** made) {
  return error_of([=] {
    auto optimiser = std::make_unique<BenchOptimiser>(parameters, count);
    optimiser->adam = false;
    if (momentum != 0) {
      optimiser->first = BenchOptimiser::zeros_like(optimiser->parameters);
    }
    optimiser->momentum = momentum;
    optimiser->weight_decay = weight_decay;
    *made = optimiser.release();
  });
}

void bench_native_optimiser_free(BenchOptimiser* optimiser) {
  delete optimiser;
}

// Takes the gradients away instead of filling them with zeros: the next backward then need not add.
char* bench_native_optimiser_zero_gradients(BenchOptimiser* optimiser) {
  return error_of([=] {
    for (at::Tensor& parameter : optimiser->parameters) {
      parameter.mutable_grad() = at::Tensor();
    }
  });
}

char* bench_native_optimiser_clip(BenchOptimiser* optimiser, double largest) {
  return error_of([=] { optimiser->clip(largest); });
}

char* bench_native_optimiser_step(BenchOptimiser* optimiser, double rate) {
  return error_of([=] { optimiser->step(rate); });
}

}  // extern "C"
