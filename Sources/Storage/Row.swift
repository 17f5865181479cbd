/// One row of an answer, read column by column: `Ticket(id: row.uuid(), title: row.text())` follows the order of the `SELECT`.
/// Each method also takes a position (from 0), which leaves the order alone.
///
/// Reading does not throw. A column that is not what was asked for (NULL, another type, one too many) is a bug of the statement:
/// the row notes it, the method returns something empty, and the driver throws `.broken` before anybody sees the result.
public struct Row: ~Copyable {
    @usableFromInline let source: any RowReading
    @usableFromInline var next = 0

    /// For drivers: a row whose columns `source` reads.
    @inlinable public init(_ source: any RowReading) { self.source = source }

    /// The column that would be read next.
    @inlinable public var column: Int { next }

    @inlinable mutating func step() -> Int {
        defer { next += 1 }
        return next
    }

    /// The columns after this one, `count` of them, are passed over.
    @inlinable public mutating func skip(_ count: Int = 1) { next += count }

    @inlinable public func isNull(at column: Int) -> Bool { source.isNull(column) }
    /// Whether the column that would be read next is NULL.
    @inlinable public var isNextNull: Bool { source.isNull(next) }

    @inlinable public mutating func int() -> Int { int(at: step()) }
    @inlinable public func int(at column: Int) -> Int { Int(source.integer(column)) }

    @inlinable public mutating func real() -> Double { real(at: step()) }
    @inlinable public func real(at column: Int) -> Double { source.real(column) }

    @inlinable public mutating func bool() -> Bool { bool(at: step()) }
    @inlinable public func bool(at column: Int) -> Bool { source.boolean(column) }

    @inlinable public mutating func uuid() -> UInt128 { uuid(at: step()) }
    @inlinable public func uuid(at column: Int) -> UInt128 { source.uuid(column) }

    @inlinable public mutating func text() -> String { text(at: step()) }
    @inlinable public func text(at column: Int) -> String { String(decoding: source.text(column), as: UTF8.self) }

    @inlinable public mutating func bytes() -> [UInt8] { bytes(at: step()) }
    @inlinable public func bytes(at column: Int) -> [UInt8] { Array(source.bytes(column)) }

    /// The UTF-8 of a text where it lies, for writers that copy it somewhere else anyway.
    @inlinable public mutating func withText<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(source.text(step()))
    }

    /// Notes that a column holds what this release cannot read, such as a word of a later one. The row counts all the same, with something
    /// in its place.
    public func pass(over what: String) { UnreadableRows.note(what) }

    /// Notes that a column holds what cannot be there, such as a word that is no status: the query throws `.broken(what)`.
    public func refuse(_ what: String) { source.fail(.broken(what)) }
}

// MARK: Columns that may be NULL

extension Row {
    @inlinable public mutating func optionalInt() -> Int? {
        let column = step()
        return source.isNull(column) ? nil : int(at: column)
    }

    @inlinable public mutating func optionalReal() -> Double? {
        let column = step()
        return source.isNull(column) ? nil : real(at: column)
    }

    @inlinable public mutating func optionalBool() -> Bool? {
        let column = step()
        return source.isNull(column) ? nil : bool(at: column)
    }

    @inlinable public mutating func optionalUUID() -> UInt128? {
        let column = step()
        return source.isNull(column) ? nil : uuid(at: column)
    }

    @inlinable public mutating func optionalText() -> String? {
        let column = step()
        return source.isNull(column) ? nil : text(at: column)
    }

    @inlinable public mutating func optionalBytes() -> [UInt8]? {
        let column = step()
        return source.isNull(column) ? nil : bytes(at: column)
    }
}

/// How a driver gives the columns of the row it stands on. Pointers are good until the next row.
///
/// A column that is NULL, absent or of another type is told to `fail`, and something empty returned.
public protocol RowReading: AnyObject {
    var columnCount: Int { get }
    /// True also of a column that is not there, which `fail` is told.
    func isNull(_ column: Int) -> Bool
    func integer(_ column: Int) -> Int64
    func real(_ column: Int) -> Double
    func boolean(_ column: Int) -> Bool
    func uuid(_ column: Int) -> UInt128
    func text(_ column: Int) -> UnsafeRawBufferPointer
    func bytes(_ column: Int) -> UnsafeRawBufferPointer
    /// Keeps the first fault of the query; the driver throws it once the row has been read.
    func fail(_ fault: StorageFault)
}
