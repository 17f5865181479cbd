/// A statement with its parameters, written as an interpolated literal:
/// `"SELECT title FROM ticket WHERE id = \(id)"` is the text `SELECT title FROM ticket WHERE id = $1` and one value.
///
/// The literal parts are `StaticString`, and there is no way to make a statement of a `String`: nothing that came from outside can
/// become SQL. A statement may be interpolated into another, so conditions compose; parameters are numbered in the order in which
/// they appear in the whole, which is also how SQLite counts them.
public struct SQL: Sendable {
    @usableFromInline enum Piece: Sendable {
        case literal(StaticString)
        case parameter(Value.Kind)
    }

    @usableFromInline var pieces: [Piece] = []

    /// The parameters, `$1` first.
    public internal(set) var values: [Value] = []

    /// More than SQLite takes as it is built by default; PostgreSQL's protocol counts them in sixteen bits.
    public static let mostParameters = 32_766

    /// Throws `.broken` for a statement with more parameters than either engine takes. A driver asks before it sends anything: a statement
    /// that cannot be sent must not cost others their connection.
    public func checkParameterCount() throws(StorageFault) {
        guard values.count > Self.mostParameters else { return }
        throw .broken("a statement has \(values.count) parameters, and may have \(Self.mostParameters)")
    }

    /// Grows with `pieces`, so that a look-up in a statement cache hashes one number.
    var digest: UInt64 = 0

    /// The text with `$1…$n`. Made anew each time: a driver asks for it only when it prepares the statement.
    public var text: String { text { "$\($0)" } }

    /// The text with a `?` for each parameter.
    public var unnumberedText: String { text { _ in "?" } }

    private func text(_ mark: (Int) -> String) -> String {
        var text = ""
        var number = 0
        for piece in pieces {
            switch piece {
            case .literal(let literal): text += literal.description
            case .parameter:
                number += 1
                text += mark(number)
            }
        }
        return text
    }

    /// Whether there is nothing in it, as in a condition that does not apply.
    public var isEmpty: Bool { pieces.isEmpty }

    mutating func append(_ literal: StaticString) {
        guard literal.utf8CodeUnitCount > 0 else { return }
        pieces.append(.literal(literal))
        mix(UInt64(UInt(bitPattern: literal.utf8Start)) ^ UInt64(literal.utf8CodeUnitCount) << 48)
    }

    @usableFromInline mutating func append(_ value: Value) {
        pieces.append(.parameter(value.kind))
        values.append(value)
        mix(UInt64(value.kind.rawValue))
    }

    mutating func append(_ other: SQL) {
        pieces += other.pieces
        values += other.values
        mix(other.digest)
    }

    private mutating func mix(_ part: UInt64) {
        digest = (digest ^ part) &* 0x9E37_79B9_7F4A_7C15
        digest ^= digest >> 29
    }
}

extension SQL: ExpressibleByStringInterpolation {
    public typealias StringLiteralType = StaticString

    public init(stringLiteral literal: StaticString) { append(literal) }
    public init(stringInterpolation: Interpolation) { self = stringInterpolation.sql }

    /// Gathers the parts of an interpolated literal; the compiler calls it.
    public struct Interpolation: StringInterpolationProtocol {
        public typealias StringLiteralType = StaticString

        @usableFromInline var sql = SQL()

        public init(literalCapacity: Int, interpolationCount: Int) {
            sql.pieces.reserveCapacity(interpolationCount * 2 + 1)
            sql.values.reserveCapacity(interpolationCount)
        }

        public mutating func appendLiteral(_ literal: StaticString) { sql.append(literal) }

        /// A parameter.
        @inlinable public mutating func appendInterpolation(_ value: some ValueConvertible) { sql.append(value.value) }

        /// A parameter that may be absent. By itself the one above would do, but the compiler warns of an optional in a literal there.
        @inlinable public mutating func appendInterpolation<Wrapped: ValueConvertible>(_ value: Wrapped?) { sql.append(value.value) }

        /// A parameter.
        public mutating func appendInterpolation(_ value: Value) { sql.append(value) }

        /// A part of the statement, with its own parameters.
        public mutating func appendInterpolation(_ part: SQL) { sql.append(part) }

        /// The right side of an `IN`: `(…, …)` with a parameter for each element. Nothing is in an empty one, in either engine.
        ///
        /// The last element stands there again until there are 1, 2, 4, 8, … of them: lists of all lengths are a few statements, each
        /// prepared once. Very long ones, of which SQLite takes only so much, stay as they are.
        public mutating func appendInterpolation<Element: ValueConvertible>(list: [Element]) {
            guard let last = list.last else { return sql.append("(SELECT CAST(NULL AS \(Element.kind.sql)) WHERE FALSE)" as SQL) }
            sql.append("(" as StaticString)
            let more = repeatElement(last, count: list.count > 4096 ? 0 : list.count.powerOfTwoAbove - list.count)
            sql.append((list + more).map { SQL("\($0)") }.joined(by: ", "))
            sql.append(")" as StaticString)
        }
    }
}

extension [SQL] {
    /// The parts in order with `separator` between them; empty ones are left out.
    public func joined(by separator: StaticString) -> SQL {
        var whole = SQL()
        for part in self where !part.isEmpty {
            if !whole.isEmpty { whole.append(separator) }
            whole.append(part)
        }
        return whole
    }
}

extension RandomAccessCollection where Index == Int {
    /// The elements in order, in parts of as many as a power of two, none above `most`: rows to write, a statement for each part, which
    /// are few different ones however many rows there are.
    public func inParts(ofAtMost most: Int) -> [SubSequence] {
        var parts: [SubSequence] = []
        var rest = self[...]
        while !rest.isEmpty {
            let count = Swift.min(rest.count, most)
            parts.append(rest.prefix(1 << (Int.bitWidth - 1 - count.leadingZeroBitCount)))
            rest = rest.dropFirst(parts[parts.count - 1].count)
        }
        return parts
    }
}

extension Int {
    /// The least power of two that is no less; it is above zero.
    fileprivate var powerOfTwoAbove: Int { 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}

// MARK: As a key

extension SQL {
    /// What makes two statements the same prepared statement: the same literals (by address, not by content) and the same kinds of
    /// parameters. Two places in the source that happen to spell one text may be prepared twice, which does no harm.
    public struct Key: Hashable, Sendable {
        let pieces: [Piece]
        let digest: UInt64

        public static func == (left: Key, right: Key) -> Bool {
            left.digest == right.digest && left.pieces.elementsEqual(right.pieces, by: Self.isSame)
        }

        public func hash(into hasher: inout Hasher) { hasher.combine(digest) }

        private static func isSame(_ left: Piece, _ right: Piece) -> Bool {
            switch (left, right) {
            case (.literal(let left), .literal(let right)):
                left.utf8Start == right.utf8Start && left.utf8CodeUnitCount == right.utf8CodeUnitCount
            case (.parameter(let left), .parameter(let right)): left == right
            default: false
            }
        }
    }

    /// For statement caches; costs no allocation.
    public var key: Key { Key(pieces: pieces, digest: digest) }
}
