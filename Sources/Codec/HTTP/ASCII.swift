/// What HTTP says of single bytes.
@usableFromInline enum ASCII {
    static var space: UInt8 { 0x20 }
    static var tab: UInt8 { 0x09 }
    static var carriageReturn: UInt8 { 0x0D }
    static var lineFeed: UInt8 { 0x0A }

    // Sets of characters as one bit each, the first 64 and the second; a test spells them out. Numbers and not computed at start, since
    // a global that is computed is looked at through a lock-like check each time.

    /// Letters, digits and ``!#$%&'*+-.^_`|~``: what may stand in a token (RFC 9110, 5.6.2).
    static func isToken(_ byte: UInt8) -> Bool { isMember(byte, 0x03FF_6CFA_0000_0000, 0x57FF_FFFF_C7FF_FFFE) }

    /// RFC 3986's pchar and `/`, and the few that browsers leave as they are: what may stand in a path as it is sent.
    static func isPath(_ byte: UInt8) -> Bool { isMember(byte, 0x2FFF_FFF2_0000_0000, 0x7FFF_FFFE_EFFF_FFFF) }

    @inline(__always) private static func isMember(_ byte: UInt8, _ low: UInt64, _ high: UInt64) -> Bool {
        byte < 128 && (byte < 64 ? low : high) & (1 << UInt64(byte & 63)) != 0
    }

    /// A query may hold every visible ASCII character but the ones that end or quote an address.
    static func isQuery(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "#") && byte != UInt8(ascii: "<") && byte != UInt8(ascii: ">")
            && byte != UInt8(ascii: "\"")
    }

    /// Visible, blank, tab, or beyond ASCII (obs-text, which RFC 9110 lets pass as opaque bytes).
    static func isFieldValue(_ byte: UInt8) -> Bool { byte >= 0x20 ? byte != 0x7F : byte == tab }

    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

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
