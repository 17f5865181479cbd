/// Which database it is, and the few words in which the two differ. Everything else is written once.
public enum Engine: String, Hashable, Sendable, CaseIterable {
    case sqlite
    case postgres

    /// Ends a `SELECT` of rows that are read in order to be changed. SQLite has one writer, whose transaction is the lock.
    public var lock: SQL { self == .postgres ? " FOR UPDATE" : "" }

    /// Ends a `SELECT` that claims work: rows that another node has locked are passed over.
    public var claim: SQL { self == .postgres ? " FOR UPDATE SKIP LOCKED" : "" }

    /// Stands before a column in a condition that no index shall be chosen for. PostgreSQL knows how many rows a condition leaves and
    /// chooses well; SQLite guesses.
    public var unled: SQL { self == .sqlite ? "+" : "" }

    /// What migrations write where the engines define a thing each in its own way.
    var definitions: [String: String] {
        switch self {
        case .sqlite:
            ["{identity}": "integer PRIMARY KEY AUTOINCREMENT", "{roomy}": "", "{by_key}": " WITHOUT ROWID"]
        case .postgres:
            [
                "{identity}": "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "{roomy}": " WITH (fillfactor = 85)", "{by_key}": "",
            ]
        }
    }

    /// Keeps other nodes out until the end of the transaction; nil where a write transaction does so by itself.
    var migrationLock: SQL? { self == .postgres ? "SELECT CAST(pg_advisory_xact_lock(7205759403792794) AS text)" : nil }

    /// Counts the tables of that name which a statement would find: 0 or 1.
    func count(tablesNamed name: String) -> SQL {
        switch self {
        case .sqlite: "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = \(name)"
        case .postgres:
            "SELECT count(*) FROM pg_catalog.pg_tables WHERE tablename = \(name) AND schemaname = ANY (current_schemas(false))"
        }
    }
}
