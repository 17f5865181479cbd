import Codec
import Testing

@Suite("Folded text") struct FoldedTextTests {
    @Test(
        "texts are the same that differ in case or in how their letters are put together",
        arguments: [
            ("José", "jose\u{301}"), ("ÅNGSTRÖM", "a\u{30A}ngstro\u{308}m"), ("STRASSE", "straße"), ("ΣΟΦΟΣ", "σοφος"), ("Ж", "ж"),
            ("\u{1E0B}\u{323}", "d\u{323}\u{307}"), ("ΐ", "\u{3B9}\u{308}\u{301}"), ("Plain.Name", "plain.name"), ("", ""),
        ])
    func canonical(_ pair: (String, String)) {
        #expect(pair.0.folded(.canonical).hasSameBytes(as: pair.1.folded(.canonical)))
        #expect(pair.0.folded(.compatible).hasSameBytes(as: pair.1.folded(.compatible)))
    }

    @Test(
        "what only looks other is the same where that is asked for",
        arguments: [("ａｌｉｃｅ", "alice"), ("𝐀𝑙𝓲𝖈𝚎", "alice"), ("ⓐⓁⓘ", "ali"), ("ﬁn", "fin"), ("x²", "x2"), ("℡", "tel"), ("１２", "12")])
    func compatible(_ pair: (String, String)) {
        #expect(pair.0.folded(.compatible).hasSameBytes(as: pair.1))
        #expect(pair.0.folded(.canonical).hasSameBytes(as: pair.1) == pair.0.hasSameBytes(as: "ﬁn"))
    }

    @Test("parts are letters with their marks behind them") func parts() {
        #expect("Ádmïn".folded(.parts).hasSameBytes(as: "a\u{301}dmi\u{308}n"))
    }

    @Test("other letters stay other letters", arguments: [("а", "a"), ("ο", "o"), ("l", "1"), ("José", "Jose"), ("ı", "i")])
    func others(_ pair: (String, String)) {
        #expect(!pair.0.folded(.compatible).hasSameBytes(as: pair.1.folded(.compatible)))
    }

    @Test("what is folded is not changed by folding it again", arguments: [Folding.canonical, .compatible, .parts])
    func stays(_ folding: Folding) {
        let letters = (0x80...0x2FFFF as ClosedRange<UInt32>).lazy.compactMap(Unicode.Scalar.init).filter {
            $0.properties.generalCategory != .unassigned
        }
        var text = String.UnicodeScalarView()
        for letter in letters {
            text.append(contentsOf: [letter, "\u{301}", "a", letter, "\u{345}", " "])
            guard text.count > 600 else { continue }
            let once = String(text).folded(folding)
            #expect(once.folded(folding).hasSameBytes(as: once))
            text.removeAll()
        }
    }

    @Test(
        "a domain is what the DNS calls it",
        arguments: [
            ("Bücher.Example", "xn--bcher-kva.example"), ("bu\u{308}cher.example", "xn--bcher-kva.example"),
            ("XN--BCHER-KVA.example", "xn--bcher-kva.example"), ("пример.com", "xn--e1afmkfd.com"), ("ｅxample.com", "example.com"),
            ("faß.example", "xn--fa-hia.example"), ("EXAMPLE.com", "example.com"), ("r3---sn.example", "r3---sn.example"), ("", ""),
        ])
    func domains(_ pair: (String, String)) {
        #expect(pair.0.asDomainName.hasSameBytes(as: pair.1))
        #expect(pair.0.asDomainName.asDomainName.hasSameBytes(as: pair.1))
    }

    @Test(
        "what the DNS could not have is only folded",
        arguments: [
            ("I♥NY.example", "i♥ny.example"), ("a\u{0}Ü", "a\u{0}ü"), ("XN--bÜcher", "xn--bücher"),
            (String(repeating: "Ü.", count: 1000), String(repeating: "ü.", count: 1000)),
        ])
    func noDomains(_ pair: (String, String)) { #expect(pair.0.asDomainName.hasSameBytes(as: pair.1)) }
}
