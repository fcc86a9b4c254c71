// A management library that knows the first of the two devices.
#include <stdio.h>
#include <string.h>
struct memory { unsigned long long total, free, used; };
static int first;
int nvmlInit_v2(void) { return 0; }
int nvmlSystemGetDriverVersion(char* version, unsigned length) { snprintf(version, length, "570.11"); return 0; }
int nvmlDeviceGetHandleByPciBusId_v2(const char* bus, void** device) { *device = &first; return strcmp(bus, "0000:00:00.0") == 0 ? 0 : 6; }
int nvmlDeviceGetMemoryInfo(void* device, struct memory* memory) { memory->free = 5000000000ULL; return device == &first ? 0 : 2; }
