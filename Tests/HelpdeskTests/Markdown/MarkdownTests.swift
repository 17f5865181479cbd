import Domain
import TestEngines
import Testing

@testable import Helpdesk

@Suite("Markdown") struct MarkdownTests {
    private let home = "https://help.example.com"

    @Test(
        "what people write becomes HTML",
        arguments: [
            ("**bold** and *thin*", "<p><strong>bold</strong> and <em>thin</em></p>\n"),
            ("~~gone~~ here", "<p><del>gone</del> here</p>\n"),
            ("a ~~*b* c~~ d", "<p>a <del><em>b</em> c</del> d</p>\n"),
            ("a ~~~b~~~ and ~~ c ~~ and ~~d", "<p>a ~~~b~~~ and ~~ c ~~ and ~~d</p>\n"),
            (
                "|a|\n|-|\n|~~b~~|",
                "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td><del>b</del></td>\n</tr>\n</tbody>\n</table>\n"
            ),
            ("`a < b`", "<p><code>a &lt; b</code></p>\n"),
            ("```swift\nlet a = 1\n```", "<pre><code class=\"language-swift\">let a = 1\n</code></pre>\n"),
            ("- [x] done\n- [ ] not", "<ul>\n<li>\u{2611} done</li>\n<li>\u{2610} not</li>\n</ul>\n"),
            ("3. c", "<ol start=\"3\">\n<li>c</li>\n</ol>\n"),
            ("> said", "<blockquote>\n<p>said</p>\n</blockquote>\n"),
            (
                "|a|b|\n|-|-:|\n|1|2<br>3|",
                "<table>\n<thead>\n<tr>\n<th>a</th>\n<th align=\"right\">b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n<td align=\"right\">2<br>3</td>\n</tr>\n</tbody>\n</table>\n"
            ),
            ("a <b>c</b> & <script>d", "<p>a &lt;b&gt;c&lt;/b&gt; &amp; &lt;script&gt;d</p>\n"),
            ("&copy; \u{202E}x é", "<p>© \u{202E}x é</p>\n"),
        ])
    func writes(text: String, html: String) { #expect(Markdown.article.html(of: text, at: home) == html) }

    @Test("our own marks come from nobody else, and leave no trace in a picture's words")
    func marks() {
        let mark = String(Unicode.Scalar(0xFDD0)!)
        let html = Markdown.article.html(of: "![~~a~~ \(mark)b](/c) \(mark)d", at: home)
        #expect(html == "<p><img src=\"/c\" alt=\"a \u{FFFD}b\" loading=\"lazy\" referrerpolicy=\"no-referrer\"> \u{FFFD}d</p>\n")
    }

    @Test("links elsewhere are marked, the desk's own are not")
    func links() {
        let rel = " rel=\"nofollow noopener noreferrer\""
        let html = { (text: String) in Markdown.article.html(of: text, at: "https://help.example.com") }
        #expect(html("[a](https://other.example \"b\")") == "<p><a href=\"https://other.example\" title=\"b\"\(rel)>a</a></p>\n")
        #expect(
            html("https://other.example/?a=1&b=2")
                == "<p><a href=\"https://other.example/?a=1&amp;b=2\"\(rel)>https://other.example/?a=1&amp;b=2</a></p>\n")
        #expect(html("[a](https://help.example.com/help/x)") == "<p><a href=\"https://help.example.com/help/x\">a</a></p>\n")
        #expect(html("[a](https://help.example.com.evil/)") == "<p><a href=\"https://help.example.com.evil/\"\(rel)>a</a></p>\n")
        #expect(html("[a](/help/x#y)") == "<p><a href=\"/help/x#y\">a</a></p>\n")
        #expect(html("me@example.com") == "<p><a href=\"mailto:me@example.com\">me@example.com</a></p>\n")
        #expect(html("[a](javascript:x)") == "<p><a>a</a></p>\n")
    }

    @Test("pictures come over https or from the desk, and others leave their words")
    func pictures() {
        let html = { (text: String) in Markdown.article.html(of: text, at: "http://127.0.0.1:3000") }
        let rest = " loading=\"lazy\" referrerpolicy=\"no-referrer\">"
        #expect(html("![a](https://x.example/b.png)") == "<p><img src=\"https://x.example/b.png\" alt=\"a\"\(rest)</p>\n")
        #expect(html("![a](/attachments/1)") == "<p><img src=\"/attachments/1\" alt=\"a\"\(rest)</p>\n")
        #expect(html("![a](http://127.0.0.1:3000/b.png)") == "<p><img src=\"http://127.0.0.1:3000/b.png\" alt=\"a\"\(rest)</p>\n")
        #expect(html("![a](http://x.example/b.png)") == "<p>a</p>\n")
    }

    @Test("headings have ids of their words, no two the same")
    func headings() {
        let text = "# Réset *it*!\n\n## Réset it\n\n### 👍"
        let html = "<h1 id=\"h-reset-it\">Réset <em>it</em>!</h1>\n<h2 id=\"h-reset-it-2\">Réset it</h2>\n<h3 id=\"h-section\">👍</h3>\n"
        #expect(Markdown.article.html(of: text, at: home) == html)
        #expect(Markdown.message.html(of: "# a", at: home) == "<h1>a</h1>\n")
        #expect(
            Markdown(keepsLines: false, namesHeadings: false, headingShift: 1).html(of: "# a\n\n###### b", at: home)
                == "<h2>a</h2>\n<h6>b</h6>\n")
    }

    @Test("a message keeps its lines, an article does not")
    func lines() {
        #expect(Markdown.message.html(of: "a\nb", at: home) == "<p>a<br>\nb</p>\n")
        #expect(Markdown.article.html(of: "a\nb", at: home) == "<p>a\nb</p>\n")
    }

    @Test("a summary is the first words, without marks")
    func summary() {
        #expect(Markdown.summary(of: "# Hello\n\nIt *is* a [link](https://x.y) & `code`.", atMost: 100) == "Hello It is a link & code.")
        #expect(Markdown.summary(of: String(repeating: "word ", count: 100), atMost: 22) == "word word word word…")
        #expect(Markdown.summary(of: "", atMost: 10) == "")
    }

    /// Texts that grow with the square of their length somewhere, or whose HTML is many times as long.
    static let greedy: [String] = {
        func fill(_ text: String) -> String { String(repeating: text, count: 65_536 / text.utf8.count) }
        let bars = String(repeating: "x|", count: 16_000) + "\n" + String(repeating: "-|", count: 16_000) + "\n"
        return [
            fill("["), fill("*"), fill("*a "), fill("_a*b "), fill("a**b"), fill("> "), fill(">"), fill("- "), fill("1. "), fill("`a"),
            fill("!["),
            fill("[a]("), fill("[a](<"), fill("<"), fill("<!--"), fill("<a "), fill("<a b='"), fill("&"), fill("~~a "), fill("~~a~~"),
            fill("a@"),
            fill("a@b."), fill("www."), "www.a" + fill(")"), fill("|"), bars + fill("x\n"), fill("a\n-|\n"), fill("# a\n"), fill("a\n=\n"),
            fill("[a]: b\n"), fill("</p>"), fill("<b>"), fill("- + * "), fill("\u{0}"), fill("![l"),
            fill("![[]()"), "[a]: " + String(repeating: "b", count: 2000) + "\n\n" + fill("[a]").prefix(63_000),
            "[a]: b\n'" + String(repeating: "b\n", count: 10_000) + "'\n\n" + fill("[a]").prefix(43_000),
        ]
    }()

    @Test("no text takes more than its share, and all that comes out is in order", .timeLimit(.minutes(2)), arguments: greedy.indices)
    func bounded(_ index: Int) {
        let html = Markdown.message.html(of: Self.greedy[index], at: home)
        #expect(html.utf8.count <= 5 * 1024 * 1024)
        #expect(html.utf8.starts(with: "<".utf8) || html.isEmpty)
    }

    @Test("many texts made to be slow have so much time together, and what comes then is shown as it was written")
    func patient() {
        let slow = Self.greedy[0] + "<b>\u{0}"
        var patience = PatientMarkdown(.message, home: home, patience: 1)
        let html = (0..<1000).map { _ in patience.html(of: slow) }
        let plain = Markdown.html(ofPlain: slow)
        #expect(html[0] == Markdown.message.html(of: slow, at: home) && html[0] != plain)
        #expect(html[999] == plain && plain.hasPrefix("<pre>") && plain.hasSuffix("&lt;b&gt;</pre>\n"))
        #expect(html.allSatisfy { $0 == html[0] || $0 == plain } && HTMLInspector(plain).fault == nil)
        var patient = PatientMarkdown(.message, home: home)
        #expect((0..<20).map { _ in patient.html(of: "*a*") } == Array(repeating: "<p><em>a</em></p>\n", count: 20))
    }

    @Test("thousands of pictures, and of references to something long, are shown as they were written; fewer are what they are")
    func many() {
        let html = { (text: String) in Markdown.article.html(of: text, at: home) }
        #expect(html(String(repeating: "![a](/b) ", count: 100)).split(separator: "<img").count == 101)
        let pictures = html(String(repeating: "![[]()", count: 10_000))
        #expect(!pictures.contains("<img") && pictures.contains("![<a>"))
        let definition = { (count: Int) in "[a]: /" + String(repeating: "b", count: 1000) + "\n\n" + String(repeating: "[a] ", count: count)
        }
        #expect(html(definition(100)).split(separator: "<a href=").count == 101)
        let references = html(definition(10_000))
        #expect(references.utf8.count < 100_000 && references.contains("<p>[a]: /bbb"))
    }

    @Test("characters that nobody sees are no part of a heading's name, and words in place of pictures are")
    func unseen() {
        var rules = HTMLRules(home: home)
        rules.namesHeadings = true
        let html = HTMLCleaner.clean(Array("<h1>a\u{1}b\u{B}c d</h1>".utf8), rules)
        #expect(String(decoding: html, as: UTF8.self) == "<h1 id=\"h-abc-d\">abc d</h1>")
        // The words of a picture that may not be shown are words like others, and stand where words may.
        let words = "<h1>a<img src=http://x/ alt=b></h1><table><img alt=c><input type=checkbox></table>"
        let others = HTMLCleaner.clean(Array(words.utf8), rules)
        #expect(String(decoding: others, as: UTF8.self) == "<h1 id=\"h-ab\">ab</h1><table></table>")
    }

    @Test("quotes ten thousand deep are as deep as sixty-four")
    func deep() {
        let html = Markdown.article.html(of: String(repeating: ">", count: 10_000) + " end", at: home)
        #expect(HTMLInspector(html).fault == nil && html.contains("end"))
        #expect(html.split(separator: "<blockquote>").count == 64)
    }

    @Test("a long text is rendered elsewhere, to the same HTML", arguments: [TestEngine.sqlite])
    func offloaded(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let text = String(repeating: "**word** ", count: 1000)
            let html = try await desk.desk.html(of: text, .message)
            #expect(html == Markdown.message.html(of: text, at: desk.desk.rules.publicURL))
        }
    }
}
