public import Codec

extension Request {
    /// Calls `body` with each member of the first field of this name, `If-Match` or `If-None-Match`: a tag, or `*`.
    public func eachTag(of name: FieldName, _ body: (UnsafeRawBufferPointer) -> Void) {
        withField(name) { field in
            var rest = field[...]
            while !rest.isEmpty {
                let member = UnsafeRawBufferPointer(rebasing: rest.prefix { $0 != UInt8(ascii: ",") })
                rest = rest.dropFirst(member.count + 1)
                body(member.trimmed)
            }
        }
    }

    /// Whether the client has the form with this strong tag already: whether `If-None-Match` names it, or is `*`. The comparison is
    /// the weak one, as that field wants it (RFC 9110, 13.1.2).
    public func has(tag: String) -> Bool {
        var isNamed = false
        eachTag(of: .ifNoneMatch) { member in
            let isWeak = member.starts(with: "W/".utf8)
            let strong = isWeak ? UnsafeRawBufferPointer(rebasing: member.dropFirst(2)) : member
            if strong.elementsEqual(tag.utf8) || member.elementsEqual("*".utf8) { isNamed = true }
        }
        return isNamed
    }
}
