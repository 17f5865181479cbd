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

/// A word of a list that a later release may make longer. While a new node runs beside one of this release, both write.
protocol KeptWord: CaseIterable, RawRepresentable<String>, ValueConvertible, Sendable {
    /// What a word that this release does not know counts as.
    static var unknown: Self { get }
}

extension Role: KeptWord { static var unknown: Role { .guest } }
extension SupportRole: KeptWord { static var unknown: SupportRole { .general } }
extension Status: KeptWord { static var unknown: Status { .pending } }
extension Channel: KeptWord { static var unknown: Channel { .api } }
extension Person.Origin: KeptWord { static var unknown: Person.Origin { .contact } }
extension Notification.Reason: KeptWord { static var unknown: Notification.Reason { .replied } }
extension FileType: KeptWord { static var unknown: FileType { .bytes } }
extension CommentType: KeptWord { static var unknown: CommentType { .private } }
extension LinkPurpose: ValueConvertible {}

extension KeptWord {
    /// The word that stands there, compared where it lies: no string is made for one that we know.
    init(kept text: some Collection<UInt8>) {
        if let word = Self.allCases.first(where: { text.elementsEqual($0.rawValue.utf8) }) {
            self = word
        } else {
            UnreadableRows.note("\(Self.self) \(String(decoding: text.prefix(100), as: UTF8.self))")
            self = .unknown
        }
    }
}

extension Priority: ValueConvertible {
    public static var kind: Value.Kind { .integer }
    public var value: Value { .integer(Int64(rank)) }
}

extension Row {
    mutating func id<Kind>(of _: Kind.Type = Kind.self) -> Identifier<Kind> { Identifier(uuid()) }
    mutating func optionalID<Kind>(of _: Kind.Type = Kind.self) -> Identifier<Kind>? { optionalUUID().map { Identifier($0) } }
    mutating func moment() -> Moment { Moment(int()) }
    mutating func optionalMoment() -> Moment? { optionalInt().map { Moment($0) } }

    mutating func word<Word: KeptWord>(_: Word.Type = Word.self) -> Word {
        let column = column
        // Compared where it lies: no string is made for a word that we know.
        let found = withText { text in Word.allCases.first { text.elementsEqual($0.rawValue.utf8) } }
        return found ?? Word(kept: text(at: column).utf8)
    }

    mutating func priority() -> Priority {
        let rank = int()
        if let priority = Priority(rank: rank) { return priority }
        pass(over: "priority \(rank)")
        return .medium
    }

    /// A list of texts, kept as JSON. Nearly all are empty.
    mutating func texts() -> [String] {
        let texts: [String]? = withText { bytes in
            if bytes.count == 2 { return [] }
            return (try? JSONValue(parsing: bytes, ours: true))?.elements?.compactMap(\.string)
        }
        if let texts { return texts }
        pass(over: "a list of texts")
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
