import Codec
import Testing

@Suite("Base32") struct Base32Tests {
    @Test(
        "RFC 4648's examples, without their padding",
        arguments: [
            ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI"),
        ])
    func examples(_ bytes: String, _ text: String) {
        #expect(Base32.encode(Array(bytes.utf8)) == text)
        #expect(Base32.decode(text) == Array(bytes.utf8))
    }

    @Test("every byte at every place comes back") func everyByte() {
        for byte in UInt8.min ... .max {
            for count in 1...10 {
                let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37) ^ byte }
                #expect(Base32.decode(Base32.encode(bytes)) == bytes)
            }
        }
    }

    @Test("either case, and blanks anywhere") func lenient() {
        #expect(Base32.decode("mzxw6ytboi") == Array("foobar".utf8))
        #expect(Base32.decode(" mzXW 6ytb  oi ") == Array("foobar".utf8))
        #expect(Base32.decode(" ") == [])
    }

    @Test("characters of no digit's are refused", arguments: ["M0", "M1", "M8", "M9", "MY======", "M-", "MÿMY", "MY\n", "MY\0"])
    func otherCharacters(_ text: String) { #expect(Base32.decode(text) == nil) }

    @Test("a length that spells no bytes is refused", arguments: ["M", "MZX", "MZXW6Y", "MZXW6YTBM"])
    func otherLengths(_ text: String) { #expect(Base32.decode(text) == nil) }

    @Test("bits left over are refused", arguments: ["MZ", "MZXR", "MZXW7", "MZXW6YR"])
    func bitsLeftOver(_ text: String) { #expect(Base32.decode(text) == nil) }
}
