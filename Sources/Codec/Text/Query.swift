import Glibc

/// The pairs of a query or a form: `a=b&c=d`, with `+` for a blank, percent-encoded, UTF-8.
public enum Query {
    /// More pairs than this are refused: no page of ours has as many, and each costs a search among the fields.
    public static let mostPairs = 200

    /// Why a query is refused.
    public enum Fault: Error, Equatable, Sendable {
        /// A `%` without two hexadecimal digits.
        case badEscape
        /// Bytes that are not UTF-8 once decoded.
        case notUTF8
        case tooManyPairs
        /// A value with more than `CombiningMarks.most` combining marks in a row. For a name that has them itself it is empty.
        case tooManyMarks(name: String)
    }

    /// The pairs in order. A name without `=` has the empty value; nothing between two `&` is no pair.
    public static func parse(_ bytes: UnsafeRawBufferPointer, atMost most: Int = mostPairs) throws(Fault) -> [(String, String)] {
        var pairs: [(String, String)] = []
        var rest = bytes
        while !rest.isEmpty {
            let piece = before(UInt8(ascii: "&"), of: rest)
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count + 1))
            if piece.isEmpty { continue }
            guard pairs.count < most else { throw .tooManyPairs }
            let name = before(UInt8(ascii: "="), of: piece)
            let value = UnsafeRawBufferPointer(rebasing: piece.dropFirst(name.count + 1))
            let field = try text(name, of: "")
            pairs.append((field, try text(value, of: field)))
        }
        return pairs
    }

    /// The pairs in order; see `parse`.
    public static func parse(_ text: String, atMost most: Int = mostPairs) throws(Fault) -> [(String, String)] {
        try Array(text.utf8).withBytes { (raw) throws(Fault) in try parse(raw, atMost: most) }
    }

    /// The pairs as a query, which reads back as the same pairs.
    public static func write(_ pairs: [(String, String)]) -> String {
        pairs.map { "\(Percent.encode($0))=\(Percent.encode($1))" }.joined(separator: "&")
    }

    private static func text(_ bytes: UnsafeRawBufferPointer, of name: String) throws(Fault) -> String {
        guard let decoded = Percent.decode(bytes, plusIsBlank: true) else { throw .badEscape }
        guard UTF8Check.accepts(decoded) else { throw .notUTF8 }
        guard CombiningMarks.areFew(in: decoded) else { throw .tooManyMarks(name: name) }
        return String(decoding: decoded, as: UTF8.self)
    }

    /// What stands before the first `mark`; all when there is none.
    private static func before(_ mark: UInt8, of bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard let base = bytes.baseAddress, let found = memchr(base, Int32(mark), bytes.count) else { return bytes }
        return UnsafeRawBufferPointer(start: base, count: UnsafeRawPointer(found) - base)
    }
}

extension Faults {
    /// The fault of the parameter that cannot be read; nil when it is the whole query that cannot.
    public init?(_ fault: Query.Fault) {
        guard case .tooManyMarks(let name) = fault else { return nil }
        var marks = Fault.tooManyMarks
        marks.location = name.isEmpty ? "body" : name.asLocation
        self.init(marks)
    }
}

/// The body of a form, `application/x-www-form-urlencoded`: a query that is not in the address.
public enum Form {
    public static let mediaType: StaticString = "application/x-www-form-urlencoded"

    /// The pairs in order; see `Query.parse`.
    public static func parse(_ bytes: UnsafeRawBufferPointer, atMost most: Int = Query.mostPairs) throws(Query.Fault) -> [(String, String)]
    {
        try Query.parse(bytes, atMost: most)
    }

    /// The pairs as a body.
    public static func write(_ pairs: [(String, String)]) -> [UInt8] { Array(Query.write(pairs).utf8) }
}
