import Codec
import Testing

@Suite("Search texts") struct SearchTextTests {
    private typealias Term = SearchText.Term

    @Test("words, phrases, fields and what shall not be there")
    func terms() {
        let text = SearchText("printer \"out of paper\" -toner status:open,\"in progress\" -Tag:x")
        #expect(
            text.terms == [
                Term(.word("printer"), place: 1), Term(.phrase("out of paper"), place: 9),
                Term(.word("toner"), isExcluded: true, place: 24),
                Term(.field(name: "status", values: ["open", "in progress"]), place: 31),
                Term(.field(name: "tag", values: ["x"]), isExcluded: true, place: 57),
            ])
        #expect(!text.endsInWord)
    }

    @Test(
        "what only looks like something else is a word",
        arguments: ["12:30", "https://example.com", "a::b", "a:", ":a", "--", "a-b", "ä:b", "x", "a:/b"])
    func words(text: String) {
        let terms = SearchText(text).terms
        #expect(terms.count == 1)
        guard case .word = terms.first?.content else {
            Issue.record("\(terms)")
            return
        }
    }

    @Test("nothing, blanks, lone hyphens and empty quotes hold no term", arguments: ["", " ", "-", " - ", "\"\"", "-\"\"", "\u{3000}"])
    func nothing(text: String) { #expect(SearchText(text).terms.isEmpty) }

    @Test("a quote that is never closed ends with the text")
    func unclosed() {
        #expect(SearchText("a \"b c").terms == [Term(.word("a"), place: 1), Term(.phrase("b c"), place: 3)])
        #expect(SearchText("a:\"b c").terms == [Term(.field(name: "a", values: ["b c"]), place: 1)])
    }

    @Test("a last word may go on unless a blank or something else stands behind it")
    func open() {
        #expect(SearchText("prin").endsInWord && SearchText("a b").endsInWord)
        #expect(!SearchText("prin ").endsInWord && !SearchText("\"prin\"").endsInWord && !SearchText("-prin").endsInWord)
    }

    @Test("no more terms are read than a question can have")
    func bounded() { #expect(SearchText(String(repeating: "a ", count: 10_000)).terms.count == 64) }
}
