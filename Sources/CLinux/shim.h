// What Swift cannot call of Linux's own interface as it stands: packed structs, variadic functions, macros.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

// Declared by glibc only under `_GNU_SOURCE`, which would change types that Swift's own Glibc module has compiled without it.
extern int accept4(int, struct sockaddr *, socklen_t *, int);
extern int pthread_setname_np(pthread_t, const char *);

/// `struct epoll_event` is packed, which Swift imports with the wrong layout; this is its content, aligned.
struct linux_ready {
    uint64_t token;
    uint32_t events;
};

enum { LINUX_READY_BATCH = 256 };

/// Waits for events and copies at most `LINUX_READY_BATCH` of them to `out`. Returns their number, or -errno.
static inline int linux_epoll_wait(int epoll, struct linux_ready *out, int timeout_ms) {
    struct epoll_event events[LINUX_READY_BATCH];
    int n = epoll_wait(epoll, events, LINUX_READY_BATCH, timeout_ms);
    if (n < 0) return -errno;
    for (int i = 0; i < n; i++) {
        out[i].token = events[i].data.u64;
        out[i].events = events[i].events;
    }
    return n;
}

/// Returns 0 or -errno.
static inline int linux_epoll_control(int epoll, int operation, int fd, uint64_t token, uint32_t events) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(epoll, operation, fd, &event) == 0 ? 0 : -errno;
}

/// The next connection, non-blocking and closed on exec, or -errno.
static inline int linux_accept(int listener, struct sockaddr_storage *address, socklen_t *length) {
    int fd = accept4(listener, (struct sockaddr *)address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/// Makes a listening socket deaf to new handshakes, while those that have begun may end, and what it has already accepted
/// stays in its queue. Without this a connection that arrives between the last `accept` and the `close` would be reset;
/// this way its caller hears nothing, asks again a second later and is refused, which callers know how to take.
static inline int linux_stop_handshakes(int listener) {
    // The program sees the packet from its TCP header on, where byte 13 holds the flags and 2 is SYN.
    struct sock_filter drop_syn[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, 0xFFFFFFFF),
    };
    struct sock_fprog program = {.len = sizeof drop_syn / sizeof *drop_syn, .filter = drop_syn};
    return setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0 ? 0 : -errno;
}

/// How many bytes of a TCP connection the kernel holds which the other side has not acknowledged. A FIN counts as one.
static inline int linux_unacknowledged(int fd) {
    int count = 0;
    return ioctl(fd, SIOCOUTQ, &count) == 0 ? count : 0;
}

/// How many bytes the other side of a TCP connection has acknowledged so far; 0 when the kernel does not count them.
static inline uint64_t linux_acknowledged(int fd) {
    // The beginning of the kernel's `struct tcp_info`. glibc's own ends before the counter.
    struct {
        uint8_t before[120];
        uint64_t bytes_acked;
    } info;
    socklen_t length = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0 || length < sizeof info) return 0;
    return info.bytes_acked;
}

/// Has `close` reset the connection, so that the kernel forgets at once what it held for the other side.
static inline void linux_reset_on_close(int fd) {
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/// A descriptor that reports `SIGTERM`, `SIGINT`, `SIGHUP`; the three are blocked in this thread and in those it starts.
static inline int linux_signal_descriptor(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/// The number of the next signal, or 0 when there is none.
static inline int linux_next_signal(int descriptor) {
    struct signalfd_siginfo info;
    return read(descriptor, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

enum { LINUX_SIGNAL_STACK = 64 * 1024 };

/// Gives the calling thread a stack for handlers of signals, so that the end of its own stack can still be told of. NULL when there is
/// no memory for it; then the thread does without.
static inline void *linux_begin_signal_stack(void) {
    void *memory = mmap(NULL, LINUX_SIGNAL_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return NULL;
    stack_t stack = {.ss_sp = memory, .ss_size = LINUX_SIGNAL_STACK};
    if (sigaltstack(&stack, NULL) == 0) return memory;
    munmap(memory, LINUX_SIGNAL_STACK);
    return NULL;
}

/// Takes it back, at the thread's end.
static inline void linux_end_signal_stack(void *memory) {
    if (memory == NULL) return;
    stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, NULL);
    munmap(memory, LINUX_SIGNAL_STACK);
}

static inline void linux_ignore_broken_pipes(void) { signal(SIGPIPE, SIG_IGN); }

/// Names the calling thread, so that `top -H` and a debugger say which is which.
static inline void linux_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

/// Has the calling thread, and no other, give way to those that are less nice. It cannot fail: nobody is refused to be nicer.
static inline void linux_nice_thread(int niceness) { setpriority(PRIO_PROCESS, 0, niceness); }
