// zlib: gzip of answers, permessage-deflate of WebSocket.
#pragma once
#include <zlib.h>
