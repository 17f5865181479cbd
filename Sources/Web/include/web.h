// What a browser is given that is not made for one request: pages, scripts, styles, pictures. All of it lies in the
// binary, so that a page never asks another machine for anything and there is no folder to install beside us.
#pragma once

#include <stddef.h>

struct web_asset {
    const char *path;           // of the URL, as "/docs" or "/assets/docs/docs.js"
    const char *content_type;
    const char *etag;           // strong and quoted, of the plain bytes; a gzip answer needs a tag of its own, so add to it
    const unsigned char *plain;
    size_t plain_size;
    const unsigned char *gzip;  // NULL where packing does not make it smaller
    size_t gzip_size;
};

/// All assets, sorted by path. They live as long as the process.
const struct web_asset *web_assets(size_t *count);
