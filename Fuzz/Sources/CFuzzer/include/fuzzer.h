// libFuzzer as a library: the compiler's runtime brings it in with -sanitize=fuzzer.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Runs the fuzzer as the command line says; calls `one` for each input. Returns what the program should exit with.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*one)(const uint8_t *data, size_t size));
