// cmark-gfm and its extensions. The extensions have no pkg-config file; Debian has both where compilers look.
#pragma once
#include <cmark-gfm.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm-core-extensions.h>

// A parse puts its extensions' characters into tables that are the whole process', and takes them out at its end: two threads that parse
// at once lose each other's links and strikethroughs. So they are put there once, for good, and the extensions forget that they have any.
static inline void martlet_keep_special_characters(cmark_parser *parser) {
    cmark_manage_extensions_special_characters(parser, 1);
    for (cmark_llist *each = cmark_parser_get_syntax_extensions(parser); each; each = each->next)
        cmark_syntax_extension_set_special_inline_chars((cmark_syntax_extension *)each->data, 0);
}
