#include "web.h"

// The table and the bytes are made by Scripts/assets.sh, which also says what comes from where. A build without them
// would be a server without its pages, so it stops here.
#if __has_include("generated/assets.inc")
#include "generated/assets.inc"
#else
#error "The embedded pages are not made yet: run `make assets` once, then build again."
static const struct web_asset assets[1];
#endif

const struct web_asset *web_assets(size_t *count) {
    *count = sizeof assets / sizeof assets[0];
    return assets;
}
