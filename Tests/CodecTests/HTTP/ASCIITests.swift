import Testing

@testable import Codec

@Suite("Sets of characters") struct ASCIITests {
    static let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    static let digits = "0123456789"

    struct Named: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let members: String
        let holds: @Sendable (UInt8) -> Bool
    }

    static let sets = [
        Named(testDescription: "a token", members: letters + digits + "!#$%&'*+-.^_`|~", holds: ASCII.isToken),
        Named(testDescription: "a path", members: letters + digits + "-._~%!$&'()*+,;=:@/[]^{|}", holds: ASCII.isPath),
        Named(testDescription: "a query", members: letters + digits + "-._~%!$&'()*+,;=:@/[]^{|}?\\`", holds: ASCII.isQuery),
        Named(testDescription: "blanks", members: " \t", holds: ASCII.isBlank),
        Named(
            testDescription: "a field's value", members: letters + digits + " \t!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
            holds: { $0 < 128 && ASCII.isFieldValue($0) }),
    ]

    @Test("hold what they are said to hold, and nothing else", arguments: sets) func members(_ set: Named) {
        let members = Array(set.members.utf8)
        for byte in UInt8.min ... .max { #expect(set.holds(byte) == members.contains(byte), "byte \(byte)") }
    }

    @Test("let values hold bytes beyond ASCII") func obsText() {
        for byte in UInt8(128) ... .max { #expect(ASCII.isFieldValue(byte)) }
    }

    @Test("give a digit's value for hexadecimal digits alone") func hexDigits() {
        for byte in UInt8.min ... .max {
            #expect(ASCII.hexDigit(byte).map(Int.init) == (byte < 128 ? Character(Unicode.Scalar(byte)).hexDigitValue : nil))
        }
    }
}
