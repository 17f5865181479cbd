internal import Codec

/// The field that names a file (RFC 6266). The name is harmless already; here it becomes one that every client reads alike.
enum ContentDisposition {
    static func field(_ name: String, isInline: Bool) -> String {
        let kind = isInline ? "inline" : "attachment"
        // A percent sign would be read as an escape by some.
        let isPlain = name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7F && $0 != "\"" && $0 != "\\" && $0 != "%" }
        if isPlain { return "\(kind); filename=\"\(name)\"" }
        let plain = String(
            String.UnicodeScalarView(
                name.unicodeScalars.map { scalar in
                    scalar.value >= 0x20 && scalar.value < 0x7F && scalar != "\"" && scalar != "\\" && scalar != "%" ? scalar : "_"
                }))
        return "\(kind); filename=\"\(plain)\"; filename*=UTF-8''\(Percent.encode(name))"
    }
}
