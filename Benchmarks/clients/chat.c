// Rooms of people who talk over WebSockets. Usage: chat PORT READERS SECONDS TOKEN TICKET…
//
// To each ticket READERS sockets are opened, of which the first talks: it says something, and when all have heard that, the next. So each
// room has one message on its way, and a server is busy with all rooms at once. Tells as a line of JSON how many messages all of their room
// have heard, how long it took from saying to the last ear, and which part of its core this client needed; near 1 it is the client that
// was measured. In C, since a server under test should be slower than what asks it.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { SPACE = 1 << 16, MOST_TIMES = 1 << 23, PER_ADDRESS = 500, PATIENCE = 10 };

struct Room { long said; int missing; double began; char words[64]; struct Ear *speaker; };
struct Ear { int descriptor; size_t count; struct Room *room; unsigned char bytes[SPACE]; };

static float *times;
static long heard;

static void fail(const char *why) {
    fprintf(stderr, "chat: %s (%s)\n", why, strerror(errno));
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static double cpu(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void send_all(int descriptor, const void *bytes, size_t count) {
    if (send(descriptor, bytes, count, MSG_NOSIGNAL) != (ssize_t)count) fail("a server takes too little");
}

static void hear_up_to(struct Ear *ear, const char *end, size_t length) {
    while (ear->count < length || memcmp(ear->bytes + ear->count - length, end, length)) {
        ssize_t count = recv(ear->descriptor, ear->bytes + ear->count, SPACE - ear->count, 0);
        if (count <= 0) fail("a handshake was refused");
        ear->count += count;
    }
}

/// A socket that hears what is said on the ticket by when this returns: a ping behind the handshake was answered.
static void open_ear(struct Ear *ear, struct Room *room, int port, int number, const char *ticket, const char *token) {
    ear->room = room;
    ear->descriptor = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000201 + number / PER_ADDRESS)};
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(0x7f000001)};
    struct timeval patience = {.tv_sec = PATIENCE};
    int on = 1;
    setsockopt(ear->descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(ear->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(ear->descriptor, (struct sockaddr *)&own, sizeof own)) fail("no address of its own");
    if (connect(ear->descriptor, (struct sockaddr *)&server, sizeof server)) fail("no connection");
    char head[8192];
    int length = snprintf(
        head, sizeof head,
        "GET /ws/tickets/%s?token=%s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", ticket, token);
    send_all(ear->descriptor, head, length);
    hear_up_to(ear, "\r\n\r\n", 4);
    if (memcmp(ear->bytes, "HTTP/1.1 101", 12)) fail("a handshake was not answered with 101");
    send_all(ear->descriptor, "\x89\x80\0\0\0\0", 6);
    hear_up_to(ear, "\x8a\0", 2);
    ear->count = 0;
}

static void say(struct Room *room, int readers) {
    // What is said has one length, so that it can be looked for without a parser.
    int length = snprintf(room->words, sizeof room->words, "Does it still print twice? %010ld.", ++room->said);
    unsigned char out[128] = {0x81, 0x80 | (length + 14), 0, 0, 0, 0};
    int count = 6 + snprintf((char *)out + 6, sizeof out - 6, "{\"content\":\"%s\"}", room->words);
    room->missing = readers;
    room->began = now();
    send_all(room->speaker->descriptor, out, count);
}

/// Hears one frame. Each must be what was said last, as all others wait for it.
static void hear(struct Room *room, const unsigned char *content, size_t length, int readers, int talks) {
    if (!memmem(content, length, room->words, strlen(room->words))) {
        fprintf(stderr, "chat: heard %.*s\n", (int)length, content);
        exit(1);
    }
    if (--room->missing) return;
    if (heard < MOST_TIMES) times[heard] = (now() - room->began) * 1000;
    heard++;
    if (talks) say(room, readers);
}

static void receive(struct Ear *ear, int readers, int talks) {
    ssize_t count = recv(ear->descriptor, ear->bytes + ear->count, SPACE - ear->count, MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) fail("a socket was closed");
    ear->count += count;
    size_t at = 0;
    while (ear->count - at >= 2) {
        size_t head = 2, length = ear->bytes[at + 1];
        if (length == 127) fail("a frame is huge");
        if (length == 126) {
            if (ear->count - at < 4) break;
            head = 4, length = ear->bytes[at + 2] << 8 | ear->bytes[at + 3];
        }
        if (ear->count - at < head + length) break;
        if (ear->bytes[at] == 0x81) hear(ear->room, ear->bytes + at + head, length, readers, talks);
        else if (ear->bytes[at] == 0x89) send_all(ear->descriptor, "\x8a\x80\0\0\0\0", 6);
        else fail("an unexpected frame");
        at += head + length;
    }
    memmove(ear->bytes, ear->bytes + at, ear->count -= at);
}

/// Lets the rooms talk for a while, and waits for what was said last to be heard.
static void talk(int poll, struct Room *rooms, int count, int readers, double seconds) {
    double end = now() + seconds;
    for (int room = 0; room < count; room++) say(&rooms[room], readers);
    for (int waiting = count; waiting;) {
        struct epoll_event ready[256];
        int talks = now() < end, found = epoll_wait(poll, ready, 256, PATIENCE * 1000);
        if (found <= 0) fail("nothing was heard for too long");
        for (int at = 0; at < found; at++) receive(ready[at].data.ptr, readers, talks);
        waiting = talks ? count : 0;
        for (int room = 0; !talks && room < count; room++) waiting += rooms[room].missing > 0;
    }
}

static int compare(const void *one, const void *other) {
    float difference = *(const float *)one - *(const float *)other;
    return (difference > 0) - (difference < 0);
}

int main(int count, char **words) {
    if (count < 6) fail("usage: chat PORT READERS SECONDS TOKEN TICKET...");
    int port = atoi(words[1]), readers = atoi(words[2]), rooms = count - 5, poll = epoll_create1(0);
    struct Room *all = calloc(rooms, sizeof *all);
    times = malloc(MOST_TIMES * sizeof *times);
    for (int room = 0; room < rooms; room++) {
        for (int number = 0; number < readers; number++) {
            struct Ear *ear = calloc(1, sizeof *ear);
            open_ear(ear, &all[room], port, room * readers + number, words[5 + room], words[4]);
            if (number == 0) all[room].speaker = ear;
            struct epoll_event event = {.events = EPOLLIN, .data.ptr = ear};
            epoll_ctl(poll, EPOLL_CTL_ADD, ear->descriptor, &event);
        }
    }
    // What was just begun is not counted. "ready" is said and an answer awaited, so that both sides begin to count at one moment.
    talk(poll, all, rooms, readers, 1);
    printf("{\"warm\": %ld}\n", heard);
    fflush(stdout);
    if (getchar() == EOF) return 0;
    heard = 0;
    double began = now(), spent = cpu();
    talk(poll, all, rooms, readers, atof(words[3]));
    double seconds = now() - began;
    long known = heard < MOST_TIMES ? heard : MOST_TIMES;
    spent = (cpu() - spent) / seconds;
    qsort(times, known, sizeof *times, compare);
    printf(
        "{\"messages\": %ld, \"seconds\": %f, \"p50\": %f, \"p99\": %f, \"busy\": %f}\n", heard, seconds, times[known / 2],
        times[known * 99 / 100], spent);
    return 0;
}
