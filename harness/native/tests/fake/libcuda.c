// A CUDA driver of two devices; FAKE_CUDA_INIT is what cuInit returns.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int cuInit(unsigned flags) { const char* status = getenv("FAKE_CUDA_INIT"); return flags == 0 && status ? atoi(status) : 0; }
int cuDriverGetVersion(int* version) { *version = 12080; return 0; }
int cuDeviceGetCount(int* count) { *count = 2; return 0; }
int cuDeviceGet(int* device, int ordinal) { *device = 100 + ordinal; return ordinal < 2 ? 0 : 101; }
int cuDeviceGetName(char* name, int length, int device) { snprintf(name, length, "Fake GPU %d", device - 100); return 0; }
int cuDeviceTotalMem_v2(size_t* bytes, int device) { *bytes = (size_t)(device - 99) << 33; return 0; }
int cuDeviceGetPCIBusId(char* bus, int length, int device) { snprintf(bus, length, "0000:%02x:00.0", device - 100); return 0; }
int cuGetErrorString(int status, const char** text) { *text = status == 100 ? "no CUDA-capable device is detected" : NULL; return *text ? 0 : 1; }
