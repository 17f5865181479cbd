// libcrypt: checks bcrypt hashes that were made elsewhere.
#pragma once
#include <crypt.h>
