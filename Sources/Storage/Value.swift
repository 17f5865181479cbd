/// What a parameter of a statement is: one of the few types that mean the same in both engines.
///
/// A time is an integer (milliseconds since 1970), JSON is a text, an amount is an integer of its smallest unit.
public enum Value: Hashable, Sendable {
    /// Nothing, of a known kind: PostgreSQL must be told the type of every parameter, also of one that is absent.
    case null(Kind)
    case integer(Int64)
    /// Not NaN, which SQLite would turn into NULL: the drivers refuse it.
    case real(Double)
    /// Without NUL, which PostgreSQL cannot keep: the drivers refuse it.
    case text(String)
    case bytes([UInt8])
    case boolean(Bool)
    /// The sixteen bytes of an id, the first the most significant.
    case uuid(UInt128)

    /// The type of a value, as the engines see it.
    public enum Kind: UInt8, Hashable, Sendable {
        case integer, real, text, bytes, boolean, uuid
    }

    @inlinable public var kind: Kind {
        switch self {
        case .null(let kind): kind
        case .integer: .integer
        case .real: .real
        case .text: .text
        case .bytes: .bytes
        case .boolean: .boolean
        case .uuid: .uuid
        }
    }
}

extension Value.Kind {
    /// The type as both engines write it in a `CAST` and in a table.
    public var sql: SQL {
        switch self {
        case .integer: "bigint"
        case .real: "double precision"
        case .text: "text"
        case .bytes: "bytea"
        case .boolean: "boolean"
        case .uuid: "uuid"
        }
    }
}
