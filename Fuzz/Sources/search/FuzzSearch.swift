import Codec
import Harness

/// Searches as people type them: every text is cut into terms, and terms that are written are read as the same.
@main struct FuzzSearch {
    static func main() {
        fuzz { input in
            let text = String(decoding: input, as: UTF8.self)
            let search = SearchText(text)
            check(search.terms.count <= 64, "\(search.terms.count) terms")
            var place = 0
            for term in search.terms {
                check(term.place > place, "a term at \(term.place) behind one at \(place)")
                place = term.place
                check(term.content)
            }
            check(place <= text.count, "a term at \(place), behind the end")
            checkEnd(of: search, text)
            // Marks that join what stands beside them may join a term with what is put between.
            if text.unicodeScalars.allSatisfy({ $0.value < 0x300 }) { comesBack(search.terms) }
        }
    }

    private static func check(_ content: SearchText.Term.Content) {
        switch content {
        case .word(let word): check(!word.isEmpty && !word.contains { $0.isWhitespace || $0 == "\"" }, "a word: \(word)")
        case .phrase(let phrase): check(!phrase.isEmpty && !phrase.contains("\""), "a phrase: \(phrase)")
        case .field(let name, let values):
            check(!name.isEmpty && name.allSatisfy { $0.isASCII && ($0.isLowercase || $0 == "_") }, "a field: \(name)")
            check(!values.isEmpty, "a field without a value")
        }
    }

    private static func check(_ holds: Bool, _ what: @autoclosure () -> String) { Harness.check(holds, what()) }

    private static func checkEnd(of search: SearchText, _ text: String) {
        guard search.endsInWord else { return }
        guard let last = search.terms.last, case .word = last.content, !last.isExcluded else { fatalError("it ends in no word") }
        check(text.last?.isWhitespace == false, "it ends in a blank")
    }

    private static func comesBack(_ terms: [SearchText.Term]) {
        let again = SearchText(terms.map(written).joined(separator: "\n")).terms
        check(
            again.elementsEqual(terms) { $0.content == $1.content && $0.isExcluded == $1.isExcluded },
            "\(terms) became \(again)")
    }

    private static func written(_ term: SearchText.Term) -> String {
        let sign = term.isExcluded ? "-" : ""
        switch term.content {
        case .word(let word): return sign + word
        case .phrase(let phrase): return "\(sign)\"\(phrase)\""
        case .field(let name, let values): return "\(sign)\(name):\(values.map(written).joined(separator: ","))"
        }
    }

    /// What stands before the first quote in quotes, which may be nothing; a quote stands for itself behind them.
    private static func written(_ value: String) -> String {
        let end = value.firstIndex(of: "\"") ?? value.endIndex
        return "\"\(value[..<end])\"\(value[end...])"
    }
}
