/// A start tag as it was read: its name in lower case, and its attributes with their references resolved.
struct HTMLTag {
    var name: String
    var attributes: [(name: String, value: [UInt8])] = []

    /// More are read and left out.
    static let mostAttributes = 32

    subscript(_ name: String) -> [UInt8]? { attributes.first { $0.name == name }?.value }

    /// Reads a start tag at `place`, which is behind its `<`. Nil for what is none; otherwise `place` is behind its `>`.
    ///
    /// Stricter than browsers: a `<` in a tag outside of quotes ends the attempt, as does whatever browsers repair.
    static func read(_ bytes: [UInt8], at place: inout Int) -> HTMLTag? {
        var at = place
        guard let name = name(in: bytes, at: &at) else { return nil }
        var tag = HTMLTag(name: name)
        while at < bytes.count {
            let hadBlank = skipBlanks(in: bytes, at: &at)
            guard at < bytes.count else { return nil }
            if bytes[at] == UInt8(ascii: ">") {
                place = at + 1
                return tag
            }
            if bytes[at] == UInt8(ascii: "/") {
                guard at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: ">") else { return nil }
                place = at + 2
                return tag
            }
            guard hadBlank, let attribute = attribute(in: bytes, at: &at) else { return nil }
            let isNew = !tag.attributes.contains { $0.name == attribute.name }
            if isNew, tag.attributes.count < mostAttributes { tag.attributes.append(attribute) }
        }
        return nil
    }

    /// A name of letters and digits, in lower case.
    static func name(in bytes: [UInt8], at place: inout Int) -> String? {
        var at = place
        while at < bytes.count, bytes[at].isLetter || (at > place && bytes[at].isDigit) { at += 1 }
        guard at > place, at - place <= 20, at < bytes.count, isBlank(bytes[at]) || bytes[at] == 0x2F || bytes[at] == 0x3E else {
            return nil
        }
        defer { place = at }
        return String(decoding: bytes[place..<at].map { $0.isLetter ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    private static func attribute(in bytes: [UInt8], at place: inout Int) -> (name: String, value: [UInt8])? {
        let start = place
        while place < bytes.count, isOfName(bytes[place]) { place += 1 }
        guard place > start else { return nil }
        let name = String(decoding: bytes[start..<place].map { $0.isLetter ? $0 | 0x20 : $0 }, as: UTF8.self)
        var after = place
        skipBlanks(in: bytes, at: &after)
        guard after < bytes.count, bytes[after] == UInt8(ascii: "=") else { return (name, []) }
        place = after + 1
        skipBlanks(in: bytes, at: &place)
        guard let value = value(in: bytes, at: &place) else { return nil }
        return (name, HTMLText.resolved(bytes[value]))
    }

    private static func value(in bytes: [UInt8], at place: inout Int) -> Range<Int>? {
        guard place < bytes.count else { return nil }
        let quote = bytes[place]
        guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            let start = place
            while place < bytes.count, isOfName(bytes[place]) || bytes[place] == 0x2F { place += 1 }
            return place > start ? start..<place : nil
        }
        let start = place + 1
        guard let end = bytes[start...].firstIndex(of: quote) else { return nil }
        place = end + 1
        return start..<end
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        !isBlank(byte) && byte > 0x20 && !"\"'<>/=`".utf8.contains(byte)
    }

    @discardableResult
    private static func skipBlanks(in bytes: [UInt8], at place: inout Int) -> Bool {
        let start = place
        while place < bytes.count, isBlank(bytes[place]) { place += 1 }
        return place > start
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D && byte != 0x0B) }
}

extension UInt8 {
    var isLetter: Bool { (self | 0x20) >= 0x61 && (self | 0x20) <= 0x7A }
    var isDigit: Bool { self >= 0x30 && self <= 0x39 }
    var isHexDigit: Bool { isDigit || ((self | 0x20) >= 0x61 && (self | 0x20) <= 0x66) }
}
