// Process-wide switches and facts of libtorch, behind C functions.

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/version.h>

#include "shim.hpp"

using bench_native::error_of;
using bench_native::text_of;

extern "C" {

void bench_native_free(char* text) {
  std::free(text);
}

const char* bench_native_header_version() {
  return TORCH_VERSION;
}

char* bench_native_build_settings() {
  return text_of([] { return at::show_config(); });
}

char* bench_native_cpu_capability() {
  return text_of([] { return at::get_cpu_capability(); });
}

char* bench_native_set_intra_op_threads(int threads) {
  return error_of([=] { at::set_num_threads(threads); });
}

char* bench_native_set_cudnn_enabled(bool enabled) {
  return error_of([=] { at::globalContext().setUserEnabledCuDNN(enabled); });
}

char* bench_native_make_cuda_deterministic() {
  return error_of([] {
    at::Context& context = at::globalContext();
    context.setDeterministicAlgorithms(/*b=*/true, /*warn_only=*/false);
    context.setDeterministicCuDNN(true);
    context.setBenchmarkCuDNN(false);
    context.setAllowTF32CuBLAS(false);
    context.setAllowTF32CuDNN(false);
  });
}

// Registers the CUDA hooks for good, so it must not be called before libtorch_cuda.so is loaded.
char* bench_native_cuda_unusable() {
  return error_of([] {
    TORCH_CHECK(at::globalContext().hasCUDA(), "libtorch sees no CUDA device");
  });
}

}  // extern "C"
