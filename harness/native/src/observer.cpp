// An observer of libtorch's dispatcher: how often each operation ran and for how long, without the operations it called itself.

#include <ATen/record_function.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "shim.hpp"

using bench_native::copy_text;
using bench_native::error_of;

namespace {

using Clock = std::chrono::steady_clock;

struct Sum {
  int64_t calls = 0;
  int64_t nanoseconds = 0;
};

// One thread is observed, and workers have only one.
struct Observation {
  std::map<std::string, Sum> sums;
  // Of each operation under way: nanoseconds of the operations that it called.
  std::vector<int64_t> inner;
  at::CallbackHandle handle = 0;
};

thread_local std::unique_ptr<Observation> observation;

struct Begin : at::ObserverContext {
  Clock::time_point at = Clock::now();
};

std::unique_ptr<at::ObserverContext> begin(const at::RecordFunction&) {
  if (observation) {
    observation->inner.push_back(0);
  }
  return std::make_unique<Begin>();
}

void end(const at::RecordFunction& function, at::ObserverContext* context) {
  if (!observation || observation->inner.empty()) {
    return;
  }
  const auto whole = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - static_cast<Begin*>(context)->at).count();
  const int64_t inner = observation->inner.back();
  observation->inner.pop_back();
  if (!observation->inner.empty()) {
    observation->inner.back() += whole;
  }
  Sum& sum = observation->sums[function.name()];
  sum.calls += 1;
  sum.nanoseconds += whole - inner;
}

}  // namespace

extern "C" {

char* bench_native_observe() {
  return error_of([] {
    observation = std::make_unique<Observation>();
    observation->handle = at::addThreadLocalCallback(at::RecordFunctionCallback(&begin, &end).scopes({at::RecordScope::FUNCTION}));
  });
}

// One line an operation: name, calls, nanoseconds, separated by tabs. Null where nothing was observed.
char* bench_native_observed() {
  if (!observation) {
    return nullptr;
  }
  at::removeCallback(observation->handle);
  std::string text;
  for (const auto& [name, sum] : observation->sums) {
    text += name + "\t" + std::to_string(sum.calls) + "\t" + std::to_string(sum.nanoseconds) + "\n";
  }
  observation.reset();
  return copy_text(text);
}

}  // extern "C"
