#define _GNU_SOURCE
#include "CProcess.h"

#include <sched.h>

const char *process_commit(void) { return MARTLET_COMMIT; }

int process_usable_cores(void) {
    cpu_set_t cores;
    if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
    return CPU_COUNT(&cores);
}
