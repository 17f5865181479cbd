/// What HTTP says of single bytes.
@usableFromInline enum ASCII {
    static let space = UInt8(ascii: " ")
    static let tab = UInt8(ascii: "\t")
    static let carriageReturn = UInt8(ascii: "\r")
    static let lineFeed = UInt8(ascii: "\n")

    /// Which bytes may stand in a token (RFC 9110, 5.6.2), one bit each.
    private static let tokenLow: UInt64 = mask("!#$%&'*+-.0123456789", from: 0)
    private static let tokenHigh: UInt64 = mask("ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~", from: 64)
    /// Which bytes may stand in a path as it is sent: RFC 3986's pchar and `/`, and the few that browsers leave as they are.
    private static let pathLow: UInt64 = mask("!$%&'()*+,-./0123456789:;=", from: 0)
    private static let pathHigh: UInt64 = mask("@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_abcdefghijklmnopqrstuvwxyz{|}~", from: 64)

    private static func mask(_ members: StaticString, from base: UInt8) -> UInt64 {
        var bits: UInt64 = 0
        for index in 0..<members.utf8CodeUnitCount { bits |= 1 << UInt64(members.utf8Start[index] - base) }
        return bits
    }

    static func isToken(_ byte: UInt8) -> Bool { isMember(byte, tokenLow, tokenHigh) }
    static func isPath(_ byte: UInt8) -> Bool { isMember(byte, pathLow, pathHigh) }

    private static func isMember(_ byte: UInt8, _ low: UInt64, _ high: UInt64) -> Bool {
        byte < 128 && (byte < 64 ? low : high) & (1 << UInt64(byte & 63)) != 0
    }

    /// A query may hold every visible ASCII character but the ones that end or quote an address.
    static func isQuery(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "#") && byte != UInt8(ascii: "<") && byte != UInt8(ascii: ">") && byte != UInt8(ascii: "\"")
    }

    /// Visible, blank, tab, or beyond ASCII (obs-text, which RFC 9110 lets pass as opaque bytes).
    static func isFieldValue(_ byte: UInt8) -> Bool { byte >= 0x20 ? byte != 0x7F : byte == tab }

    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    /// Compares with a lower-case text, without regard to case.
    static func equal(_ bytes: UnsafeRawBufferPointer, _ lower: StaticString) -> Bool {
        guard bytes.count == lower.utf8CodeUnitCount else { return false }
        for index in 0..<bytes.count {
            let byte = bytes[index]
            let folded = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
            if folded != lower.utf8Start[index] { return false }
        }
        return true
    }

    /// The value of a hexadecimal digit, or nil.
    static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
