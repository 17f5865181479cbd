internal import Codec
internal import Domain

/// A page of what is in a store, as it lists it. Its XML has no depths that matter to us: the few elements that we want are looked for, byte
/// by byte, since a name of ours may begin with what Unicode would join to the mark before it.
struct S3Listing {
    var items: [(key: String, modified: Moment)] = []
    /// What to ask for the next page with; nil on the last.
    var next: String?

    init(_ xml: String) {
        let xml = Array(xml.utf8)
        var rest = xml[...]
        while let item = Self.content(of: "Contents", in: rest) {
            rest = rest[item.endIndex...]
            guard let key = Self.content(of: "Key", in: item), let text = Self.content(of: "LastModified", in: item),
                let time = Timestamp(String(decoding: text, as: UTF8.self))
            else { continue }
            items.append((Self.unescaped(key), Moment(Int(time.milliseconds))))
        }
        if let isTruncated = Self.content(of: "IsTruncated", in: xml[...]), isTruncated.elementsEqual("true".utf8) {
            next = Self.content(of: "NextContinuationToken", in: xml[...]).map(Self.unescaped)
        }
    }

    /// What stands in the first element of that name, as it stands there.
    static func text(of name: String, in xml: some Sequence<UInt8>) -> String? {
        content(of: name, in: Array(xml)[...]).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The bytes in the first element of that name.
    private static func content(of name: String, in xml: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let start = end(of: Array("<\(name)>".utf8), in: xml) else { return nil }
        let closing = Array("</\(name)>".utf8)
        guard let end = end(of: closing, in: xml[start...]) else { return nil }
        return xml[start..<(end - closing.count)]
    }

    /// Where the first such bytes end.
    private static func end(of wanted: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        bytes.withUnsafeBufferPointer { buffer in
            var start = 0
            while start + wanted.count <= buffer.count {
                // Elements are rare beside what is in them, so most steps go far.
                guard let mark = buffer[start...].firstIndex(of: wanted[0]), mark + wanted.count <= buffer.count else { return nil }
                if buffer[mark..<(mark + wanted.count)].elementsEqual(wanted) { return bytes.startIndex + mark + wanted.count }
                start = mark + 1
            }
            return nil
        }
    }

    private static let entities: [(name: [UInt8], byte: UInt8)] = [
        ("&lt;", UInt8(ascii: "<")), ("&gt;", UInt8(ascii: ">")), ("&quot;", UInt8(ascii: "\"")), ("&#34;", UInt8(ascii: "\"")),
        ("&apos;", UInt8(ascii: "'")), ("&#39;", UInt8(ascii: "'")), ("&amp;", UInt8(ascii: "&")),
    ].map { (Array($0.utf8), $1) }

    private static func unescaped(_ text: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.first {
            if byte == UInt8(ascii: "&"), let entity = entities.first(where: { rest.starts(with: $0.name) }) {
                bytes.append(entity.byte)
                rest = rest.dropFirst(entity.name.count)
            } else {
                bytes.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
