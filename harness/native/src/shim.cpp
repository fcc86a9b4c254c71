// The few libtorch calls that tch does not offer, behind C functions.
// No exception leaves this file: what can throw returns null or an error text that `bench_native_free` releases.

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/version.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>

namespace {

char* copy_text(const std::string& text) {
  char* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy != nullptr) {
    std::memcpy(copy, text.c_str(), text.size() + 1);
  }
  return copy;
}

template <typename Body>
char* error_of(Body body) noexcept {
  try {
    body();
    return nullptr;
  } catch (const std::exception& error) {
    return copy_text(error.what());
  } catch (...) {
    return copy_text("unknown C++ exception");
  }
}

template <typename Body>
char* text_of(Body body) noexcept {
  try {
    return copy_text(body());
  } catch (...) {
    return nullptr;
  }
}

}  // namespace

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
