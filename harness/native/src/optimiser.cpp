// libtorch's fused optimiser steps: one call for all parameters of a group instead of several operations a parameter.

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/_fused_sgd.h>
#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "phase.hpp"
#include "shim.hpp"

using bench_native::error_of;

namespace {

// Parameters that were stepped equally often and decay alike, as the fused calls want them.
struct Lists {
  std::vector<at::Tensor> parameters, gradients, first, second, steps;
};

void fused_adam(const Lists& all, double rate, double beta1, double beta2, double decay, double epsilon) {
  at::_fused_adam_(all.parameters, all.gradients, all.first, all.second, {}, all.steps, rate, beta1, beta2, decay, epsilon, /*amsgrad=*/false,
                   /*maximize=*/false);
}

void fused_adamw(const Lists& all, double rate, double beta1, double beta2, double decay, double epsilon) {
  at::_fused_adamw_(all.parameters, all.gradients, all.first, all.second, {}, all.steps, rate, beta1, beta2, decay, epsilon, /*amsgrad=*/false,
                    /*maximize=*/false);
}

}  // namespace

struct BenchOptimiser {
  std::vector<at::Tensor> parameters;
  // Moments of Adam; of SGD only the first (the momentum).
  std::vector<at::Tensor> first, second;
  std::vector<int64_t> steps;
  bool adam = true;
  // AdamW: the decay shrinks the parameter instead of entering the gradient.
  bool decoupled = false;
  // Whether parameters of fewer than two dimensions decay.
  bool decay_vectors = true;
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
  std::map<std::pair<int64_t, bool>, Lists> stepped() {
    std::map<std::pair<int64_t, bool>, Lists> equal;
    for (size_t at = 0; at < parameters.size(); ++at) {
      const at::Tensor& gradient = parameters[at].grad();
      if (!gradient.defined()) {
        continue;
      }
      Lists& lists = equal[{++steps[at], decay_vectors || parameters[at].dim() > 1}];
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
    bench_native::OptimiserAtWork at_work;
    for (auto& [kind, lists] : stepped()) {
      const int64_t count = kind.first;
      const double decay = kind.second ? weight_decay : 0;
      if (adam) {
        // The kernels only read the step, so all parameters share one; the CUDA kernel reads it as float32, whatever the parameters are.
        const at::Tensor step = at::full({}, static_cast<double>(count), lists.parameters.front().options().dtype(at::kFloat).requires_grad(false));
        lists.steps.assign(lists.parameters.size(), step);
        const auto fused = decoupled ? fused_adamw : fused_adam;
        fused(lists, rate, beta1, beta2, decay, epsilon);
      } else {
        at::_fused_sgd_(lists.parameters, lists.gradients, lists.first, decay, momentum, rate, /*dampening=*/0, /*nesterov=*/false,
                        /*maximize=*/false, /*is_first_step=*/count == 1);
      }
    }
  }

  // Without a copy to the host: a GPU need not be waited for.
  void clip(double largest) {
    at::NoGradGuard no_grad;
    bench_native::OptimiserAtWork at_work;
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

char* bench_native_adam(at::Tensor** parameters, size_t count, double beta1, double beta2, double epsilon, double weight_decay, bool decoupled,
                        bool decay_vectors, BenchOptimiser** made) {
  return error_of([=] {
    auto optimiser = std::make_unique<BenchOptimiser>(parameters, count);
    optimiser->first = BenchOptimiser::zeros_like(optimiser->parameters);
    optimiser->second = BenchOptimiser::zeros_like(optimiser->parameters);
    optimiser->beta1 = beta1;
    optimiser->beta2 = beta2;
    optimiser->epsilon = epsilon;
    optimiser->weight_decay = weight_decay;
    optimiser->decoupled = decoupled;
    optimiser->decay_vectors = decay_vectors;
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
