#pragma once

#include <cstdint>

namespace bench_native {

// Tells the watch, if there is one, that backward pass number `pass` is at work.
void memory_at_backward(int64_t pass);

}  // namespace bench_native
