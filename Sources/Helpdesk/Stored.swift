internal import Codec
public import Domain
public import Storage

// How the domain's values are kept in columns.

extension Identifier: ValueConvertible {
    public static var kind: Value.Kind { .uuid }
    public var value: Value { .uuid(bits) }
}

extension Moment: ValueConvertible {
    public static var kind: Value.Kind { .integer }
    public var value: Value { .integer(Int64(milliseconds)) }
}

extension UInt128: ValueConvertible {
    public static var kind: Value.Kind { .uuid }
    public var value: Value { .uuid(self) }
}

extension ValueConvertible where Self: RawRepresentable<String> {
    public static var kind: Value.Kind { .text }
    public var value: Value { .text(rawValue) }
}

extension Role: ValueConvertible {}
extension SupportRole: ValueConvertible {}
extension Status: ValueConvertible {}
extension Channel: ValueConvertible {}
extension Person.Origin: ValueConvertible {}
extension LinkPurpose: ValueConvertible {}
extension Notification.Reason: ValueConvertible {}

extension Priority: ValueConvertible {
    public static var kind: Value.Kind { .integer }
    public var value: Value { .integer(Int64(rank)) }
}

extension Row {
    mutating func id<Kind>(of _: Kind.Type = Kind.self) -> Identifier<Kind> { Identifier(uuid()) }
    mutating func optionalID<Kind>(of _: Kind.Type = Kind.self) -> Identifier<Kind>? { optionalUUID().map { Identifier($0) } }
    mutating func moment() -> Moment { Moment(int()) }
    mutating func optionalMoment() -> Moment? { optionalInt().map { Moment($0) } }

    /// A word of ours. One that is none is a broken database.
    mutating func word<Word: CaseIterable & RawRepresentable<String>>(_: Word.Type = Word.self) -> Word {
        // Compared where it lies: no string is made for a word that we know.
        let found = withText { text in Word.allCases.first { text.elementsEqual($0.rawValue.utf8) } }
        if let found { return found }
        refuse("a word that is no \(Word.self)")
        return Word.allCases[Word.allCases.startIndex]
    }

    mutating func priority() -> Priority {
        if let priority = Priority(rank: int()) { return priority }
        refuse("a priority that is none")
        return .medium
    }

    /// A list of texts, kept as JSON. Nearly all are empty.
    mutating func texts() -> [String] {
        let texts: [String]? = withText { bytes in
            if bytes.count == 2 { return [] }
            return (try? JSONValue(parsing: bytes, ours: true))?.elements?.compactMap(\.string)
        }
        if let texts { return texts }
        refuse("a list that is none")
        return []
    }
}

/// A list of texts as it is kept.
func stored(_ texts: [String]) -> String {
    if texts.isEmpty { return "[]" }
    return String(decoding: JSONValue.list(texts.map { .text($0) }).bytes, as: UTF8.self)
}

/// How an address, a username or a name is compared: without regard to case, and to which of several ways it is spelled in. What looks like
/// an address, with an `@` and no blank in it, is compared as one wherever it stands.
///
/// Columns that end in `_key` hold this, and are looked for by it alone: `jose\u{301}@BÜCHER.example` finds `josé@xn--bcher-kva.example`.
func key(_ text: String) -> String {
    guard let at = text.utf8.lastIndex(of: UInt8(ascii: "@")), !text.utf8.contains(UInt8(ascii: " ")) else {
        // What is longer than any username is none: a form of compatibility can be eleven times as long.
        return text.folded(text.utf8.count > Username.longest * 4 ? .canonical : .compatible).cut(toBytes: longestKey)
    }
    let (local, domain) = (String(text[..<at]), String(text[text.utf8.index(after: at)...]))
    return "\(local.folded(.canonical))@\(domain.asDomainName)".cut(toBytes: longestKey)
}

/// Bytes of a key. PostgreSQL's indexes take no more than 2,700, and what people write folds to less; addresses and usernames that would not
/// are refused before.
let longestKey = 1024

extension String {
    fileprivate func cut(toBytes most: Int) -> String {
        guard utf8.count > most else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: most)
        while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}

extension Desk {
    /// By what whatever somebody signs in with is counted: the same for each way of spelling it.
    public static func key(ofName name: String) -> String { Helpdesk.key(name) }
}
