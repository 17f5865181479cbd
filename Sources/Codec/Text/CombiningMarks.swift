/// Counts the combining marks (accents, vowel signs) that follow one another in a text.
///
/// Swift sorts them before it compares or hashes a text, in time that grows with the square of their number: one request could hold a loop
/// for minutes. So no text from outside may have more than `most` in a row. That is Unicode's Stream-Safe Text Format (UAX #15, section
/// 13), which every text of a natural language fulfils.
public struct CombiningMarks: Sendable {
    public static let most = 30

    private var count = 0
    /// Whether there were ever more than `most` in a row.
    private(set) var areTooMany = false

    init() {}

    /// Takes the next scalar of the text.
    @inline(__always) mutating func take(_ scalar: UInt32) {
        let weight = CombiningMarks.weight(of: scalar)
        if weight == 0 { return count = 0 }
        count &+= weight
        if count > CombiningMarks.most { areTooMany = true }
    }

    /// Takes something that is no combining mark, such as a letter of ASCII.
    @inline(__always) mutating func takeOther() { count = 0 }

    /// Whether there are never more than `most` in a row. Of bytes that are not UTF-8 each counts as U+FFFD, which is what becomes of it in
    /// a `String`.
    public static func areFew(in bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        var marks = CombiningMarks()
        var at = 0
        while at < bytes.count {
            let lead = base.load(fromByteOffset: at, as: UInt8.self)
            if lead < 0x80 {
                marks.takeOther()
                at = UTF8Check.skipASCII(base, from: at, to: bytes.count)
            } else if lead >= leastLead, let (scalar, length) = scalar(base + at, bytes.count &- at) {
                marks.take(scalar)
                if marks.areTooMany { return false }
                at &+= length
            } else {
                marks.takeOther()
                at &+= 1
            }
        }
        return true
    }

    /// Whether there are never more than `most` in a row.
    public static func areFew(in bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { areFew(in: $0) } }

    /// The first byte of U+0300, before which there is no combining mark.
    static let leastLead: UInt8 = 0xCC

    /// The scalar that begins with a lead byte of at least `leastLead`, and its length; nil when it is not one.
    private static func scalar(_ start: UnsafeRawPointer, _ room: Int) -> (UInt32, length: Int)? {
        let lead = start.load(as: UInt8.self)
        let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
        guard lead <= 0xF4, length <= room else { return nil }
        var value = UInt32(lead) & (0x7F >> UInt32(length))
        for offset in 1..<length {
            let byte = start.load(fromByteOffset: offset, as: UInt8.self)
            guard byte & 0xC0 == 0x80 else { return nil }
            value = value << 6 | UInt32(byte & 0x3F)
        }
        return (value, length)
    }

    /// How many combining marks a scalar is to who sorts them: 0 for a letter, 2 for the few that are taken apart into two.
    @inline(__always) static func weight(of scalar: UInt32) -> Int { scalar < 0x300 ? 0 : weightBeyondLatin(scalar) }

    private static func weightBeyondLatin(_ scalar: UInt32) -> Int {
        if isInPlainBlock(scalar) { return 0 }
        switch scalar {
        // Three of them have combining class 0 all the same.
        case 0x344, 0xF73, 0xF75, 0xF81: return 2
        default: break
        }
        guard let scalar = Unicode.Scalar(scalar) else { return 0 }
        return scalar.properties.canonicalCombiningClass == .notReordered ? 0 : 1
    }

    /// Whole blocks without a mark: Greek and Cyrillic letters, what is written in China, Japan and Korea, emoji. To look a scalar's
    /// properties up costs some ten times as much.
    private static func isInPlainBlock(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x370...0x482, 0x3100...0xA66E, 0xAC00...0xFB1D, 0x1F000...: true
        default: false
        }
    }
}

extension String {
    /// A text from outside; nil when the bytes are not UTF-8, or have more combining marks in a row than a text may have.
    public init?(received bytes: UnsafeRawBufferPointer) {
        guard UTF8Check.accepts(bytes), CombiningMarks.areFew(in: bytes) else { return nil }
        self.init(decoding: bytes, as: UTF8.self)
    }

    /// A text from outside; see above.
    public init?(received bytes: [UInt8]) {
        guard let text = bytes.withUnsafeBytes({ String(received: $0) }) else { return nil }
        self = text
    }
}
