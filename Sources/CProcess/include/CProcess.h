// What `martlet` needs to know and to have of its own process and cannot call from Swift: a macro of the build's, glibc's own calls, and a
// handler of signals.
#pragma once

#include <stddef.h>

/// The commit this program was built from, or `unknown commit`.
const char *process_commit(void);

/// How many cores this process may run on; 1 when it cannot be told.
int process_usable_cores(void);

/// Keeps malloc's memory in at most so many arenas, and has large blocks go back to the system as soon as they are free. Before the first
/// thread starts. Without it each thread has an arena, and each keeps what the largest burst took.
void process_bound_arenas(int arenas);

/// How many bytes malloc has given out. It walks through what is free, so it may take milliseconds.
size_t process_allocated_bytes(void);

/// Gives free memory back to the system. It may take as long as freeing that much does.
void process_return_free_memory(void);

/// Has a fault that ends the process (a trap, an access to no memory, an abort) leave a trace: `flush` is called, on the thread that failed
/// and in a handler of signals, and then one line of the log is written to `descriptor`, with the signal and the addresses of the
/// functions that were under way. Afterwards the signal does what it did before: Swift's own backtracer, where it is on, still runs.
void process_trace_crashes(int descriptor, int is_json, void (*flush)(void *), void *context);
