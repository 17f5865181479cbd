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

/// How a text is compared without regard to case: an e-mail address, a username.
func key(_ text: String) -> String { text.lowercased() }
