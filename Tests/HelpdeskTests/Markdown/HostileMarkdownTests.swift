import Codec
import Glibc
import Testing

@testable import Helpdesk

/// The table of `Tests/EndToEnd/hostile_markdown.json`, which a real browser is shown too, held against what HTML of ours may look like.
@Suite("Hostile Markdown") struct HostileMarkdownTests {
    struct Shape: Sendable, CustomStringConvertible {
        let name: String
        let text: String
        var description: String { name }
    }

    static let shapes: [Shape] = {
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let bytes = HostileMarkdownTests.bytes(of: root + "/EndToEnd/hostile_markdown.json")
        guard let rows = bytes.withUnsafeBytes({ try? JSONValue(parsing: $0) })?.elements else { return [] }
        return rows.compactMap { row in
            guard let name = row["name"]?.string, let text = row["text"]?.string else { return nil }
            return Shape(name: name, text: text)
        }
    }()

    @Test("the table is there") func table() { #expect(Self.shapes.count >= 120) }

    @Test("becomes harmless", arguments: shapes)
    func harmless(_ shape: Shape) {
        for style in [Markdown.article, .message, Markdown(keepsLines: false, namesHeadings: true, headingShift: 1)] {
            let html = style.html(of: shape.text, at: "https://help.example.com")
            #expect(HTMLInspector(html).fault == nil, "\(html)")
        }
    }

    @Test("as HTML from elsewhere becomes harmless", arguments: shapes)
    func cleaned(_ shape: Shape) {
        let html = HTMLCleaner.clean(Array(shape.text.utf8), HTMLRules(home: "https://help.example.com"))
        #expect(HTMLInspector(String(decoding: html, as: UTF8.self)).fault == nil, "\(String(decoding: html, as: UTF8.self))")
    }

    @Test("cleaning once more changes nothing", arguments: shapes)
    func settled(_ shape: Shape) {
        let rules = HTMLRules(home: "https://help.example.com")
        let once = HTMLCleaner.clean(Array(shape.text.utf8), rules)
        #expect(String(decoding: HTMLCleaner.clean(once, rules), as: UTF8.self) == String(decoding: once, as: UTF8.self))
    }

    @Test(
        "the inspector itself sees what is wrong",
        arguments: [
            "<script>", "<p onclick=\"x\">", "<p style=\"x\"></p>", "<a href=\"javascript:x\"></a>", "<a href=\"JAVASCRIPT&colon;x\"></a>",
            "<p>", "</p>", "<b><i></b></i>", "<img src=\"http://a.b/\">", "<img src=\"data:x\">", "<a href=x>", "<!-- -->", "<", "a & b",
            "<a href=\"//x\"></a>",
        ])
    func inspector(html: String) { #expect(HTMLInspector(html).fault != nil) }

    private static func bytes(of path: String) -> [UInt8] {
        guard let file = fopen(path, "rb") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let got = fread(&chunk, 1, chunk.count, file), got > 0 { bytes += chunk[..<got] }
        return bytes
    }
}
