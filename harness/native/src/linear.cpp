// A linear layer with its activation as one node of the autograd graph. libtorch's own is a transposition, a product and an activation, each with a node
// and views of its own forward and backward; on small layers these cost as much as the products.

#include <ATen/Functions.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/saved_variable.h>

#include <memory>
#include <string>
#include <utility>

#include "shim.hpp"

using bench_native::error_of;
using torch::autograd::SavedVariable;
using torch::autograd::variable_list;

namespace {

// y = x Wᵀ + b, cut at zero where `relu`; x [n, in], W [out, in], b [out].
at::Tensor forward(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias, bool relu) {
  at::Tensor output = at::addmm(bias, input, weight.t());
  return relu ? output.relu_() : output;
}

struct LinearBackward : torch::autograd::Node {
  SavedVariable input, weight, output;
  bool relu = false;

  variable_list apply(variable_list&& gradients) override {
    TORCH_CHECK(!at::GradMode::is_enabled(), "this linear layer has no second derivative");
    at::AutoDispatchBelowADInplaceOrView below_autograd;
    variable_list wanted(3);
    at::Tensor gradient = std::move(gradients[0]);
    if (!gradient.defined()) {
      return wanted;
    }
    if (relu) {
      gradient = at::threshold_backward(gradient, output.unpack(shared_from_this()), 0);
    }
    if (task_should_compute_output(0)) {
      wanted[0] = gradient.mm(weight.unpack());
    }
    if (task_should_compute_output(1)) {
      wanted[1] = gradient.t().mm(input.unpack());
    }
    if (task_should_compute_output(2)) {
      wanted[2] = gradient.sum(0);
    }
    return wanted;
  }

  void release_variables() override {
    input.reset_data();
    weight.reset_data();
    output.reset_data();
  }

  std::string name() const override {
    return relu ? "BenchLinearReluBackward" : "BenchLinearBackward";
  }
};

at::Tensor linear(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias, bool relu) {
  if (!torch::autograd::compute_requires_grad(input, weight, bias)) {
    return forward(input, weight, bias, relu);
  }
  std::shared_ptr<LinearBackward> node(new LinearBackward, torch::autograd::deleteNode);
  node->set_next_edges(torch::autograd::collect_next_edges(input, weight, bias));
  node->relu = relu;
  node->input = SavedVariable(input, false);
  node->weight = SavedVariable(weight, false);
  at::Tensor output;
  {
    at::AutoDispatchBelowADInplaceOrView below_autograd;
    output = forward(input, weight, bias, relu);
  }
  torch::autograd::set_history(output, node);
  if (relu) {
    node->output = SavedVariable(output, true);
  }
  return output;
}

}  // namespace

extern "C" {

char* bench_native_linear(const at::Tensor* input, const at::Tensor* weight, const at::Tensor* bias, bool relu, at::Tensor** made) {
  return error_of([=] { *made = new at::Tensor(linear(*input, *weight, *bias, relu)); });
}

char* bench_native_clamp(const at::Tensor* input, double low, double high, at::Tensor** made) {
  return error_of([=] { *made = new at::Tensor(at::hardtanh(*input, low, high)); });
}

}  // extern "C"
