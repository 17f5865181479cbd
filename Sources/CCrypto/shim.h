// OpenSSL: TLS, digests, HMAC, signatures. Macros that Swift cannot see become functions here.
#pragma once
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdbool.h>

/// ALPN: `http/1.1` when the client offers it; no other protocol is spoken, so an offer without it is refused.
static inline int martlet_tls_alpn(SSL *ssl, const unsigned char **out, unsigned char *outlen, const unsigned char *in,
                                   unsigned int inlen, void *arg) {
    static const unsigned char http11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    (void)ssl, (void)arg;
    return SSL_select_next_proto((unsigned char **)out, outlen, http11, sizeof http11, in, inlen) == OPENSSL_NPN_NEGOTIATED
               ? SSL_TLSEXT_ERR_OK
               : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static inline int martlet_tls_no_pass_phrase(char *out, int size, int is_writing, void *was_asked) {
    (void)out, (void)size, (void)is_writing;
    *(int *)was_asked = 1;
    return -1;
}

/// Reads a private key; without this OpenSSL would ask for the pass phrase of an encrypted one on the terminal, and wait for it. Sets
/// `was_asked` when there is one.
static inline int martlet_tls_use_key(SSL_CTX *context, const char *path, int *was_asked) {
    *was_asked = 0;
    SSL_CTX_set_default_passwd_cb(context, martlet_tls_no_pass_phrase);
    SSL_CTX_set_default_passwd_cb_userdata(context, was_asked);
    int result = SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM);
    SSL_CTX_set_default_passwd_cb_userdata(context, NULL);
    return result;
}

/// TLS 1.2 and later, of 1.2 only what keeps past sessions secret when the key gets out, and authenticates what it encrypts; no
/// renegotiation, our order of ciphers, writes that may be partial and be repeated from another place, and no buffers while a connection is
/// idle. Macros over `SSL_CTX_ctrl`, which Swift does not see. False when this OpenSSL has none of those ciphers.
static inline bool martlet_tls_configure(SSL_CTX *context) {
    if (SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) return false;
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(context, martlet_tls_alpn, NULL);
    return true;
}
