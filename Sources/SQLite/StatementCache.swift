internal import Storage

/// The statements that a connection has prepared, so that each is parsed and planned once. Bounded: lists with many kinds of filters
/// make many statements, and the one that has not been used for longest goes.
struct StatementCache {
    private var statements: [SQL.Key: Statement] = [:]
    private var uses: UInt64 = 0
    private let bound: Int

    init(bound: Int) { self.bound = bound }

    var count: Int { statements.count }

    /// The statement of `sql`, prepared on `connection` if it was not yet.
    mutating func statement(for sql: SQL, on connection: OpaquePointer) throws(StorageFault) -> Statement {
        uses += 1
        let key = sql.key
        if let statement = statements[key] {
            statement.lastUse = uses
            return statement
        }
        let statement = try Statement(sql.unnumberedText, on: connection)
        if statements.count >= bound, let oldest = statements.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            statements[oldest.key] = nil
        }
        statement.lastUse = uses
        statements[key] = statement
        return statement
    }

    mutating func removeAll() { statements = [:] }
}
