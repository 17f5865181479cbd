// libcurl: how we speak to other machines. Swift cannot call functions of any number of arguments, so each option that is used
// has a function here, which also says what its value must be.
#pragma once
#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

typedef size_t (*curl_receiver)(char *bytes, size_t size, size_t count, void *context);
typedef curl_socket_t (*curl_opener)(void *context, curlsocktype purpose, struct curl_sockaddr *address);
typedef int (*curl_socket_listener)(CURL *easy, curl_socket_t socket, int what, void *context, void *of_socket);
typedef int (*curl_timer_listener)(CURLM *multi, long milliseconds, void *context);

/// Once in a process, before anything else.
static inline CURLcode curl_prepare(void) { return curl_global_init(CURL_GLOBAL_ALL); }

/// Whether names are looked up beside the thread that asks.
static inline int curl_resolves_beside(void) {
    return (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_ASYNCHDNS) != 0;
}

// What a group of transfers tells.

static inline void curl_on_socket(CURLM *multi, curl_socket_listener listener, void *context) {
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, listener);
}

static inline void curl_on_timer(CURLM *multi, curl_timer_listener listener, void *context) {
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, listener);
}

/// Connections that are kept for the next transfer.
static inline void curl_keep_connections(CURLM *multi, long most) { curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, most); }

// What a transfer is set to. All but the first copy what they are given, unless they say otherwise.

/// What every transfer of ours has: no signals, which are the server's; HTTP and nothing else; no redirects, and no proxy, whatever the
/// environment says. `words` has room for CURL_ERROR_SIZE bytes and must outlive the handle.
///
/// QUICK_EXIT: without it a transfer that ends while its name is looked up waits for the name server (seen with 7.88: a time-out
/// of 0.3 s took 4 s). The thread that looks up is let go then, and cleans up after itself.
static inline CURLcode curl_set_rules(CURL *easy, char *words) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, words);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    if (!code) code = curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (!code) code = curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_USERAGENT, "martlet");
    return code;
}

static inline CURLcode curl_set_url(CURL *easy, const char *url) { return curl_easy_setopt(easy, CURLOPT_URL, url); }

static inline CURLcode curl_set_times(CURL *easy, long connecting, long whole) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connecting);
    return code ? code : curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, whole);
}

/// Refuses an answer that says it is larger. One that does not say is the receiver's to stop.
static inline CURLcode curl_set_most(CURL *easy, int64_t bytes) {
    return curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)bytes);
}

/// A file of certificates to trust instead of the system's.
static inline CURLcode curl_set_authorities(CURL *easy, const char *file) { return curl_easy_setopt(easy, CURLOPT_CAINFO, file); }

/// The list is not copied.
static inline CURLcode curl_set_fields(CURL *easy, struct curl_slist *fields) {
    return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields);
}

/// Makes it a POST with this body. A null would make libcurl ask for one elsewhere.
static inline CURLcode curl_set_body(CURL *easy, const void *bytes, int64_t count) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POST, 1L);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
    return code ? code : curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, count ? bytes : "");
}

/// Reads a body from an open file, from where the last read of this transfer ended. The descriptor's own offset is nobody's.
struct curl_file_source {
    int descriptor;
    off_t at;
};

static inline size_t curl_read_file(char *room, size_t size, size_t count, void *context) {
    struct curl_file_source *source = (struct curl_file_source *)context;
    ssize_t got;
    do got = pread(source->descriptor, room, size * count, source->at);
    while (got < 0 && errno == EINTR);
    if (got < 0) return CURL_READFUNC_ABORT;
    source->at += got;
    return (size_t)got;
}

/// A body that must be sent again, as after a connection that was kept turned out to be gone.
static inline int curl_seek_file(void *context, curl_off_t offset, int origin) {
    if (origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
    ((struct curl_file_source *)context)->at = (off_t)offset;
    return CURL_SEEKFUNC_OK;
}

/// Makes it a PUT of what `source` reads, which must outlive the handle.
static inline CURLcode curl_set_file(CURL *easy, struct curl_file_source *source, int64_t size) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)size);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_READFUNCTION, curl_read_file);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_READDATA, source);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, curl_seek_file);
    return code ? code : curl_easy_setopt(easy, CURLOPT_SEEKDATA, source);
}

static inline CURLcode curl_set_method(CURL *easy, const char *method) { return curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method); }

/// Ends a transfer that moves fewer bytes a second for so many seconds.
static inline CURLcode curl_set_slowest(CURL *easy, long bytes, long seconds) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, bytes);
    return code ? code : curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, seconds);
}

/// Signs as Amazon's Signature Version 4 says; `provider` is `aws:amz:REGION:s3`.
static inline CURLcode curl_set_store_signature(CURL *easy, const char *provider, const char *key, const char *secret) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_AWS_SIGV4, provider);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_USERNAME, key);
    return code ? code : curl_easy_setopt(easy, CURLOPT_PASSWORD, secret);
}

/// Who takes the body, and who the head line by line. Less taken than came ends the transfer.
static inline CURLcode curl_set_receivers(CURL *easy, curl_receiver body, curl_receiver head, void *context) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, head);
    return code ? code : curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
}

/// Who opens sockets, and may refuse to.
static inline CURLcode curl_set_opener(CURL *easy, curl_opener opener, void *context) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, opener);
    return code ? code : curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, context);
}

/// The status of the answer.
static inline int curl_status(CURL *easy) {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return (int)status;
}

/// The bytes of the address that a socket is to be opened for, and how many they are: 4, 16, or 0 for no address of a network.
static inline const uint8_t *curl_peer(const struct curl_sockaddr *address, int *count) {
    *count = address->family == AF_INET ? 4 : address->family == AF_INET6 ? 16 : 0;
    return address->family == AF_INET6 ? ((const struct sockaddr_in6 *)(const void *)&address->addr)->sin6_addr.s6_addr
                                       : (const uint8_t *)&((const struct sockaddr_in *)(const void *)&address->addr)->sin_addr;
}

/// What libcurl would do itself.
static inline curl_socket_t curl_open(const struct curl_sockaddr *address) {
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}
