// libunistring, for what Swift keeps to itself: case folding and compatibility forms. libidn2, which stands on it, knows domain names.
// libunistring has no pkg-config file; Debian has both where compilers look.
#pragma once
#include <idn2.h>
#include <unicase.h>
#include <uninorm.h>

// What the header has as macros with a cast in them, which Swift does not read.
static inline uninorm_t martlet_nfc(void) { return UNINORM_NFC; }
static inline uninorm_t martlet_nfd(void) { return UNINORM_NFD; }
static inline uninorm_t martlet_nfkc(void) { return UNINORM_NFKC; }
static inline uninorm_t martlet_nfkd(void) { return UNINORM_NFKD; }
