// What a thread has computed, where the machine does other things as well.

#include <ctime>

#include <cstdint>

extern "C" {

// Nanoseconds that the calling thread has been on a processor; -1 where the system does not tell.
int64_t bench_native_thread_nanoseconds() {
  timespec now{};
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0) {
    return -1;
  }
  return static_cast<int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

}  // extern "C"
