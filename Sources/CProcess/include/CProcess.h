// What `martlet` needs to know of its own process and cannot call from Swift: a macro of the build's and one of glibc's.
#pragma once

/// The commit this program was built from, or `unknown commit`.
const char *process_commit(void);

/// How many cores this process may run on; 1 when it cannot be told.
int process_usable_cores(void);
