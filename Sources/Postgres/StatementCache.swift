internal import Glibc
internal import Storage

/// The statements that one session has prepared, by the SQL value they came from.
///
/// A bound keeps sessions small when filters compose many shapes; the one that was asked for longest ago goes first.
struct StatementCache {
    /// A name that the server knows.
    final class Statement {
        let key: SQL.Key
        let name: UnsafeMutablePointer<CChar>
        fileprivate var lastUse = 0

        fileprivate init(_ key: SQL.Key, number: Int) {
            self.key = key
            name = strdup("m\(number)")
        }

        deinit { free(name) }
    }

    private var statements: [SQL.Key: Statement] = [:]
    private var made = 0
    private var clock = 0
    private let bound: Int

    init(bound: Int = 256) { self.bound = bound }

    var count: Int { statements.count }

    /// The statement of `sql`, and whether the server has still to be told of it. `evict` gets the one that had to go for it.
    mutating func find(_ sql: SQL, evict: (Statement) -> Void) -> (Statement, isNew: Bool) {
        clock += 1
        let key = sql.key
        if let statement = statements[key] {
            statement.lastUse = clock
            return (statement, false)
        }
        if statements.count >= bound, let oldest = statements.values.min(by: { $0.lastUse < $1.lastUse }) {
            statements[oldest.key] = nil
            evict(oldest)
        }
        made += 1
        let statement = Statement(key, number: made)
        statement.lastUse = clock
        statements[key] = statement
        return (statement, true)
    }

    /// The server does not have it, or has it wrong. The next use makes it anew, with another name.
    mutating func forget(_ statement: Statement) {
        if statements[statement.key] === statement { statements[statement.key] = nil }
    }
}
