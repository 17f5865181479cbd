/// Percent-encoding (RFC 3986, section 2.1).
public enum Percent {
    /// The bytes that are meant. Nil for a `%` without two hexadecimal digits. Decode once: what comes out is data.
    ///
    /// - Parameter plusIsBlank: as in forms and queries, where `+` stands for a blank.
    public static func decode(_ bytes: UnsafeRawBufferPointer, plusIsBlank: Bool = false) -> [UInt8]? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if byte == UInt8(ascii: "+") && plusIsBlank {
                decoded.append(UInt8(ascii: " "))
            } else if byte != UInt8(ascii: "%") {
                decoded.append(byte)
            } else {
                guard at + 1 < bytes.count, let high = Hex.value(of: bytes[at]), let low = Hex.value(of: bytes[at + 1]) else { return nil }
                decoded.append(high << 4 | low)
                at += 2
            }
        }
        return decoded
    }

    /// The text that is meant. Nil for a bad escape, for bytes that are not UTF-8, and for too many combining marks in a row.
    public static func text(_ bytes: UnsafeRawBufferPointer, plusIsBlank: Bool = false) -> String? {
        decode(bytes, plusIsBlank: plusIsBlank).flatMap { String(received: $0) }
    }

    /// `text` for one segment of a path or for a name or value of a query: everything but the unreserved characters is escaped, so
    /// that it means the same in both.
    public static func encode(_ text: String) -> String {
        var encoded: [UInt8] = []
        for byte in text.utf8 { append(byte, to: &encoded) }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// `text` for a path of several segments: as `encode`, but `/` stays.
    public static func encodePath(_ text: String) -> String {
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            if byte == UInt8(ascii: "/") { encoded.append(byte) } else { append(byte, to: &encoded) }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    static func append(_ byte: UInt8, to encoded: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
            encoded.append(byte)
        default:
            encoded.append(UInt8(ascii: "%"))
            encoded.append(upper(byte >> 4))
            encoded.append(upper(byte & 15))
        }
    }

    /// RFC 3986 wants upper-case digits in escapes.
    private static func upper(_ value: UInt8) -> UInt8 { value < 10 ? value + 0x30 : value + 0x37 }
}
