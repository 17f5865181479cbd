#include "CProcess.h"

#include <malloc.h>

void process_bound_arenas(int arenas) {
    mallopt(M_ARENA_MAX, arenas);
    // Setting them also stops glibc from raising both by itself, up to 32 and 64 MiB.
    mallopt(M_MMAP_THRESHOLD, 512 * 1024);
    mallopt(M_TRIM_THRESHOLD, 4 * 1024 * 1024);
}

size_t process_allocated_bytes(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

void process_return_free_memory(void) { malloc_trim(0); }
