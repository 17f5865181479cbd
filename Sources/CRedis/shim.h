// hiredis: of it we use the reader of Redis' protocol, and do the sockets ourselves.
#pragma once
#include <hiredis/hiredis.h>
