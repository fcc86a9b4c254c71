// Bytes that tensors hold, from the reports of libtorch's allocators: the CPU's and, where it is loaded, the CUDA cache's.

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>

#include "memory.hpp"
#include "shim.hpp"

using bench_native::error_of;

namespace {

// The engine's threads report too.
struct Watch : c10::MemoryReportingInfoBase {
  std::mutex mutex;
  c10::DeviceType device;
  int64_t live = 0;
  int64_t peak = 0;
  int64_t at_backward = -1;
  int64_t last_pass = -1;

  explicit Watch(c10::DeviceType device) : device(device) {}

  void reportMemoryUsage(void*, int64_t size, size_t, size_t, c10::Device where) override {
    if (where.type() != device) {
      return;
    }
    std::lock_guard<std::mutex> guard(mutex);
    live += size;
    peak = std::max(peak, live);
  }

  bool memoryProfilingEnabled() const override {
    return true;
  }
};

Watch* watch() {
  return static_cast<Watch*>(c10::ThreadLocalDebugInfo::get(c10::DebugInfoKind::PROFILER_STATE));
}

}  // namespace

namespace bench_native {

void memory_at_backward(int64_t pass) {
  Watch* const own = watch();
  if (own == nullptr) {
    return;
  }
  std::lock_guard<std::mutex> guard(own->mutex);
  if (pass != own->last_pass) {
    own->last_pass = pass;
    own->at_backward = std::max(own->at_backward, own->live);
  }
}

}  // namespace bench_native

extern "C" {

char* bench_native_memory_watch(bool cuda) {
  return error_of([=] {
    TORCH_CHECK(watch() == nullptr, "memory is being watched already");
    auto fresh = std::make_shared<Watch>(cuda ? c10::DeviceType::CUDA : c10::DeviceType::CPU);
    c10::ThreadLocalDebugInfo::_push(c10::DebugInfoKind::PROFILER_STATE, fresh);
  });
}

// Forgets the peak so far.
void bench_native_memory_mark() {
  if (Watch* const own = watch()) {
    std::lock_guard<std::mutex> guard(own->mutex);
    own->peak = own->live;
    own->at_backward = -1;
  }
}

// Bytes live now, the most since the last mark, and the most that was live when a backward pass began since the last mark (-1: none did).
void bench_native_memory_read(int64_t* live, int64_t* peak, int64_t* at_backward) {
  if (Watch* const own = watch()) {
    std::lock_guard<std::mutex> guard(own->mutex);
    *live = own->live;
    *peak = own->peak;
    *at_backward = own->at_backward;
  }
}

char* bench_native_memory_end() {
  return error_of([] {
    if (watch() != nullptr) {
      c10::ThreadLocalDebugInfo::_pop(c10::DebugInfoKind::PROFILER_STATE);
    }
  });
}

}  // extern "C"
