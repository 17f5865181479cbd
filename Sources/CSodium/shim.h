// libsodium: Argon2id.
#pragma once
#include <sodium.h>
