import Domain
import Testing

@Suite("Texts of one line") struct OneLineTests {
    @Test(
        "what stands on a line",
        arguments: ["a", "Ada Lovelace", " a ", "José", "שלום", "\u{200F}א", "👩\u{200D}🚀", "नमस्\u{200D}ते", "½ ° №", "a\u{A0}b"])
    func good(_ text: String) {
        #expect(OneLine.fault(in: text) == nil)
        #expect(OneLine.mended(text)?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
    }

    @Test(
        "what breaks it, or turns it round",
        arguments: [
            "\n", "\r", "\0", "\u{1B}", "\u{7}", "\t", "\u{7F}", "\u{85}", "\u{2028}", "\u{2029}", "\u{202A}", "\u{202E}", "\u{2066}",
            "\u{2069}",
        ])
    func broken(_ text: String) {
        #expect(OneLine.fault(in: "a\(text)b") == .breaksLine)
        #expect(OneLine.fault(in: text) == .breaksLine)
    }

    @Test(
        "what nobody sees",
        arguments: ["", " ", "  ", "\u{A0}", "\u{3000}", "\u{200B}", "\u{200D}\u{FEFF}", "\u{3164}", "\u{2800}", "\u{AD}", "\u{FE0F}"])
    func blank(_ text: String) {
        #expect(OneLine.fault(in: text) == .blank)
        #expect(OneLine.mended(text) == nil)
    }

    @Test("what other systems bring is mended as far as it can be") func mended() {
        #expect(OneLine.mended("Eve\r\nBcc: x") == "Eve  Bcc: x")
        #expect(OneLine.mended("\u{202E}evE\u{1B}") == "evE")
        #expect(OneLine.mended("\n\u{200B}") == nil)
    }
}
