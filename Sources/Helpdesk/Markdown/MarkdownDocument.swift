internal import CMark
internal import Glibc

/// A text as cmark understands it. What comes out is HTML of cmark's making, and not yet what may be shown.
///
/// cmark takes time that grows with the square of some texts: of tables with many columns, of long words that could be addresses, of links
/// behind thousands of pictures, of a long address that thousands of links refer to. For these `MarkdownCost` takes the part of Markdown
/// away that would be slow, and the text is shown without it.
struct MarkdownDocument: ~Copyable {
    // cmark's nodes belong to this value alone, which frees them, and nobody gets to see them.
    private let parser: OpaquePointer?
    private let root: OpaquePointer?
    private let options: Int32

    init(_ text: String, keepsLines: Bool) {
        MarkdownExtensions.ready
        options = CMARK_OPT_DEFAULT | (keepsLines ? CMARK_OPT_HARDBREAKS : 0)
        let parser = cmark_parser_new(options)
        var text = text.unicodeScalars.contains { $0.value & ~3 == 0xFDD0 } ? Self.withoutMarks(text) : text
        let whole = text.withUTF8 { MarkdownCost(of: $0) }
        if !whole.allowsPictures { text = text.withBackslashes(between: "!", "[") }
        if !whole.allowsDefinitions { text = text.withBackslashes(between: "]", ":") }
        (root, self.parser) = text.withUTF8 { bytes in
            let cost = MarkdownCost(of: bytes)
            if cost.allowsTables { MarkdownExtensions.attach("table", to: parser) }
            MarkdownExtensions.attach("tasklist", to: parser)
            if cost.allowsAddresses { MarkdownExtensions.attach("autolink", to: parser) }
            // The bytes are read here and now.
            bytes.withMemoryRebound(to: CChar.self) { cmark_parser_feed(parser, $0.baseAddress, $0.count) }
            let root = cmark_parser_finish(parser)
            if cost.mayHaveTags { MarkdownTree.showTags(in: root) }
            if cost.mayHaveStrikes { MarkdownTree.strike(in: root) }
            return (root, parser)
        }
    }

    /// Our own marks are nobody else's.
    private static func withoutMarks(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value & ~3 == 0xFDD0 ? "\u{FFFD}" : $0 }))
    }

    deinit {
        cmark_node_free(root)
        cmark_parser_free(parser)
    }

    var html: [UInt8] {
        guard let text = cmark_render_html(root, options, cmark_parser_get_syntax_extensions(parser)) else { return [] }
        defer { free(text) }
        return Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
    }
}

extension String {
    /// With a backslash wherever the one sign follows the other, so that together they mean nothing.
    fileprivate func withBackslashes(between first: Unicode.Scalar, _ second: Unicode.Scalar) -> String {
        var out = String.UnicodeScalarView()
        var before: Unicode.Scalar?
        for scalar in unicodeScalars {
            if scalar == second, before == first { out.append("\\") }
            out.append(scalar)
            before = scalar
        }
        return String(out)
    }
}

enum MarkdownExtensions {
    /// Registers them, once for the process. Strikethrough is not among them: its character would be put into a table of the process' at
    /// each parse and taken out of it at the end, under the hands of another thread; see `MarkdownTree.strike`.
    static let ready: Void = {
        cmark_gfm_core_extensions_ensure_registered()
        let parser = cmark_parser_new(CMARK_OPT_DEFAULT)
        attach("autolink", to: parser)
        martlet_keep_special_characters(parser)
        cmark_parser_free(parser)
    }()

    static func attach(_ name: String, to parser: OpaquePointer?) {
        guard let found = cmark_find_syntax_extension(name) else { return }
        cmark_parser_attach_syntax_extension(parser, found)
    }
}
