#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <execinfo.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Everything below `crashed` runs in a handler of signals, on a thread that has failed in the middle of something: it takes no memory and no
// lock, and calls nothing that may.

static const struct {
    int number;
    const char *name;
} faults[] = {
    {SIGILL, "SIGILL"}, {SIGTRAP, "SIGTRAP"}, {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGFPE, "SIGFPE"}, {SIGABRT, "SIGABRT"},
};
enum { FAULTS = sizeof faults / sizeof *faults, MOST_FRAMES = 48, MOST_SECONDS = 5 };

static struct sigaction before[FAULTS];
static int log_descriptor, log_is_json;
static void (*flush_log)(void *);
static void *flush_context;
static uintptr_t program_start, program_end;

struct line {
    char bytes[4096];
    size_t count;
};

static void add(struct line *line, const char *text) {
    while (*text && line->count < sizeof line->bytes) line->bytes[line->count++] = *text++;
}

static void add_number(struct line *line, uint64_t number, unsigned base, unsigned width) {
    char digits[32];
    unsigned count = 0;
    do digits[count++] = "0123456789abcdef"[number % base];
    while ((number /= base) && count < sizeof digits);
    while (count < width && count < sizeof digits) digits[count++] = '0';
    char text[2] = {0};
    while (count > 0) {
        text[0] = digits[--count];
        add(line, text);
    }
}

/// RFC 3339 in UTC, by the days of the civil calendar; `gmtime` may take a lock.
static void add_time(struct line *line) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t seconds = now.tv_sec > 0 ? now.tv_sec : 0;
    int64_t z = seconds / 86400 + 719468, era = z / 146097, day = z - era * 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t of_year = day - (365 * year + year / 4 - year / 100), m = (5 * of_year + 2) / 153;
    int64_t month = m < 10 ? m + 3 : m - 9;
    const uint64_t parts[] = {
        (uint64_t)(year + era * 400 + (month <= 2)), (uint64_t)month, (uint64_t)(of_year - (153 * m + 2) / 5 + 1),
        (uint64_t)(seconds / 3600 % 24), (uint64_t)(seconds / 60 % 60), (uint64_t)(seconds % 60), (uint64_t)(now.tv_nsec / 1000000),
    };
    const char *const between[] = {"-", "-", "T", ":", ":", ".", "Z"};
    for (int i = 0; i < 7; i++) {
        add_number(line, parts[i], 10, i == 0 ? 4 : i == 6 ? 3 : 2);
        add(line, between[i]);
    }
}

/// An address in the program, as `addr2line -e martlet` and `llvm-symbolizer` take it; of a library, where it is in memory.
static void add_frame(struct line *line, uintptr_t address) {
    int is_ours = address >= program_start && address < program_end;
    add(line, is_ours ? "martlet+0x" : "0x");
    add_number(line, is_ours ? address - program_start : address, 16, 1);
}

static void add_frames(struct line *line) {
    void *frames[MOST_FRAMES];
    int count = backtrace(frames, MOST_FRAMES);
    // The first is this function.
    for (int i = 1; i < count; i++) {
        if (i > 1) add(line, " ");
        add_frame(line, (uintptr_t)frames[i]);
    }
}

static void write_all(const struct line *line) {
    size_t sent = 0;
    while (sent < line->count) {
        ssize_t count = write(log_descriptor, line->bytes + sent, line->count - sent);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
        sent += (size_t)count;
    }
}

static void tell(const char *name, uintptr_t address) {
    struct line line = {.count = 0};
    if (log_is_json) add(&line, "{\"time\":\"");
    add_time(&line);
    add(&line, log_is_json ? "\",\"level\":\"error\",\"message\":\"the server crashed\",\"signal\":\"" : " ERROR the server crashed signal=");
    add(&line, name);
    add(&line, log_is_json ? "\",\"address\":\"" : " address=");
    add_frame(&line, address);
    add(&line, log_is_json ? "\",\"frames\":\"" : " frames=\"");
    add_frames(&line);
    // Cut rather than left open.
    const char *end = log_is_json ? "\"}\n" : "\"\n";
    if (line.count > sizeof line.bytes - 4) line.count = sizeof line.bytes - 4;
    add(&line, end);
    write_all(&line);
}

static void crashed(int number, siginfo_t *info, void *context) {
    (void)context;
    static atomic_flag has_begun = ATOMIC_FLAG_INIT;
    // A second thread that fails meanwhile waits for the end that the first brings.
    if (atomic_flag_test_and_set(&has_begun)) {
        for (;;) pause();
    }
    // Whatever hangs from here on, the process still ends.
    struct sigaction plain = {.sa_handler = SIG_DFL};
    sigset_t alarm_only;
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    sigaction(SIGALRM, &plain, NULL);
    pthread_sigmask(SIG_UNBLOCK, &alarm_only, NULL);
    alarm(MOST_SECONDS);

    int index = 0;
    while (index < FAULTS - 1 && faults[index].number != number) index++;
    flush_log(flush_context);
    // Of a signal that somebody sent there is no address.
    tell(faults[index].name, info->si_code > 0 ? (uintptr_t)info->si_addr : 0);
    // Swift's backtracer takes its time, and has a bound of its own.
    alarm(0);
    for (int i = 0; i < FAULTS; i++) sigaction(faults[i].number, &before[i], NULL);
    // A fault of this thread's own comes again by itself when the handler returns, and one that was sent does not.
    syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), number);
}

/// The first is the program itself.
static int find_program(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size;
    (void)context;
    program_start = program_end = info->dlpi_addr;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        uintptr_t end = info->dlpi_addr + part->p_vaddr + part->p_memsz;
        if (part->p_type == PT_LOAD && end > program_end) program_end = end;
    }
    return 1;
}

void process_trace_crashes(int descriptor, int is_json, void (*flush)(void *), void *context) {
    log_descriptor = descriptor;
    log_is_json = is_json;
    flush_log = flush;
    flush_context = context;
    dl_iterate_phdr(find_program, NULL);
    // Its first call loads a library, which a handler must not.
    void *frame;
    backtrace(&frame, 1);
    struct sigaction action = {.sa_sigaction = crashed, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    for (int i = 0; i < FAULTS; i++) sigaddset(&action.sa_mask, faults[i].number);
    for (int i = 0; i < FAULTS; i++) sigaction(faults[i].number, &action, &before[i]);
}
