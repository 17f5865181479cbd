/// How many links each loop may have, and how long things may take. Times are milliseconds.
public struct PostgresLimits: Sendable {
    /// Links on which all reads of a loop travel together. Two, so that the server can use a second core.
    public var readLinks = 2
    /// Transactions that a loop may have open at once.
    public var writeLinks = 4
    /// Slow queries that a loop may have out at once.
    public var scanLinks = 2
    /// Callers that may wait for a link of their own, and how long each.
    public var waiting = 1_000
    public var wait = 5_000

    /// A read that takes longer runs again as a scan, where it is in nobody's way.
    public var readTime = 500
    public var writeTime = 5_000
    public var scanTime = 60_000
    /// How long a statement may wait for a row that another transaction holds.
    public var lockTime = 3_000
    /// How long a transaction may do nothing: it holds rows, and the order of the event log.
    public var idleInTransactionTime = 10_000
    public var connectTime = 2_000

    public init() {}

    /// For a server of that many loops. Transactions that are open at once share the disk's flush, so a few loops get more links each than
    /// many: a node with up to eight cores stays below the hundred connections that PostgreSQL takes unless told otherwise.
    public static func serving(loops: Int) -> PostgresLimits {
        var limits = PostgresLimits()
        limits.writeLinks = min(max(32 / max(loops, 1), 4), 16)
        return limits
    }

    /// For migrations: another node may hold the migration lock as long as its migrations take.
    public static var patient: PostgresLimits {
        var limits = PostgresLimits()
        (limits.readLinks, limits.writeLinks, limits.scanLinks) = (1, 1, 1)
        (limits.writeTime, limits.lockTime, limits.idleInTransactionTime) = (3_600_000, 3_600_000, 60_000)
        return limits
    }

    /// How many connections a loop may open.
    public var linksPerLoop: Int { readLinks + writeLinks + scanLinks }

    var reading: SessionRules { rules(isReadOnly: true, statement: readTime) }
    var writing: SessionRules { rules(isReadOnly: false, statement: writeTime) }
    var scanning: SessionRules { rules(isReadOnly: true, statement: scanTime) }

    private func rules(isReadOnly: Bool, statement: Int) -> SessionRules {
        SessionRules(
            isReadOnly: isReadOnly, statement: statement, lock: lockTime, idleInTransaction: idleInTransactionTime,
            connecting: connectTime)
    }
}
