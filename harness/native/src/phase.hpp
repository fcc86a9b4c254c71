// What libtorch is doing on behalf of a training step.
#pragma once

#include <torch/csrc/autograd/graph_task.h>

namespace bench_native {

enum class Phase { forward, backward, optimiser };

// Only the shim's optimisers step parameters, so they say so themselves.
inline thread_local int optimisers_at_work = 0;

struct OptimiserAtWork {
  OptimiserAtWork() {
    ++optimisers_at_work;
  }
  ~OptimiserAtWork() {
    --optimisers_at_work;
  }
};

// The engine's number of a pass is set around each node and around the sums of gradients between nodes.
inline Phase current_phase() {
  if (optimisers_at_work > 0) {
    return Phase::optimiser;
  }
  return torch::autograd::get_current_graph_task_id() >= 0 ? Phase::backward : Phase::forward;
}

}  // namespace bench_native
