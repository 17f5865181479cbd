internal import CPostgres
internal import Storage

/// PostgreSQL's number of a type; the built-in ones never change (its `pg_type.dat`).
enum TypeNumber {
    static let boolean: Oid = 16
    static let bytes: Oid = 17
    static let integer8: Oid = 20
    static let integer2: Oid = 21
    static let integer4: Oid = 23
    static let text: Oid = 25
    static let real4: Oid = 700
    static let real8: Oid = 701
    static let uuid: Oid = 2950

    /// The type that a parameter of that kind is declared as.
    static func of(_ kind: Value.Kind) -> Oid {
        switch kind {
        case .integer: integer8
        case .real: real8
        case .text: text
        case .bytes: bytes
        case .boolean: boolean
        case .uuid: uuid
        }
    }

    /// Whether the binary form of a type is the very text: text and its kin, JSON, and what an installation has added, which is an
    /// enumeration or a kind of text.
    static func isText(_ type: Oid) -> Bool {
        switch type {
        case text, 18, 19, 114, 705, 1042, 1043: true
        default: type >= 16384
        }
    }
}
