// What the files of the shim share.
// No exception leaves the shim: what can throw returns null or an error text that `bench_native_free` releases.
#pragma once

#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>

namespace bench_native {

inline char* copy_text(const std::string& text) {
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

}  // namespace bench_native
