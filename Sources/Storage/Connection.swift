/// What the body of a transaction asks its questions of. Queries are written as extensions of this, beside their use cases.
///
/// It is good inside that body only, and nothing else may be awaited there. A statement that fails dooms its transaction: a body that
/// catches the fault may throw another error instead, but when it returns, `read` or `write` throws the fault.
public struct Connection {
    @usableFromInline let link: any Link
    @usableFromInline let turn: UInt64

    /// For drivers: good as long as the link's turn is what it is now.
    public init(_ link: any Link) {
        self.link = link
        turn = link.turn
    }

    /// Which engine answers, for the few words that differ.
    public var engine: Engine { link.engine }

    /// Every row, each read by `read` as it comes.
    @inlinable public func all<Result>(
        _ sql: SQL, _ read: (inout Row) throws(StorageFault) -> Result
    ) async throws(StorageFault) -> [Result] {
        var results: [Result] = []
        _ = try await link.query(sql, turn: turn, wants: .all) { row throws(StorageFault) in results.append(try read(&row)) }
        return results
    }

    /// The first row, or nil when there is none. The rest of a `SELECT` is not fetched; a change is made in full.
    @inlinable public func first<Result>(
        _ sql: SQL, _ read: (inout Row) throws(StorageFault) -> Result
    ) async throws(StorageFault) -> Result? {
        var result: Result?
        _ = try await link.query(sql, turn: turn, wants: .first) { row throws(StorageFault) in result = try read(&row) }
        return result
    }

    /// Runs a statement whose rows do not matter. Returns how many rows it inserted, updated or deleted.
    @inlinable @discardableResult public func run(_ sql: SQL) async throws(StorageFault) -> Int {
        try await link.query(sql, turn: turn, wants: .none) { _ in }
    }

    /// Runs a statement whose rows and count do not matter, before the next one and at the latest when the body ends. When it fails, the
    /// next one throws its fault, or the transaction does. PostgreSQL gets it together with the next one, which saves a way there and back.
    public func runSoon(_ sql: SQL) async throws(StorageFault) { try await link.runSoon(sql, turn: turn) }

    /// Runs a statement at the end of the transaction that this body's changes are committed with. Bodies that are committed together and
    /// ask for the same one have it run once, after all of them, which makes it cheap; so it says for itself what there is to do. When it
    /// fails nothing of them is kept.
    public func runLate(_ sql: SQL) async throws(StorageFault) { try await link.runLate(sql, turn: turn) }

    /// Runs the last statement of a transaction, whose rows do not matter. Nothing may be asked afterwards, and the body must not
    /// throw any more: PostgreSQL is told to commit in the same breath, which saves a way there and back.
    public func runLast(_ sql: SQL) async throws(StorageFault) { try await link.runLast(sql, turn: turn) }

    /// Runs several statements that are text of ours, without parameters: migrations. Never with anything that came from outside.
    package func script(_ text: String) async throws(StorageFault) { try await link.script(text, turn: turn) }
}

/// What a driver does for a `Connection`.
///
/// The caller's `turn` is the one its transaction began with; when it is not the link's any more, the transaction is over and the
/// call throws `.broken` without touching the database.
public protocol Link: AnyObject {
    var engine: Engine { get }
    /// Changes when a transaction ends. Never 0.
    var turn: UInt64 { get }

    /// Runs a statement, calls `each` for the rows that are wanted, and returns the number of rows changed.
    func query(
        _ sql: SQL, turn: UInt64, wants: Wanted, _ each: (inout Row) throws(StorageFault) -> Void
    ) async throws(StorageFault) -> Int

    /// Runs a statement now or before the next one, whose fault its own is then.
    func runSoon(_ sql: SQL, turn: UInt64) async throws(StorageFault)

    /// Runs a statement before the commit; the same one once for all bodies that are committed together.
    func runLate(_ sql: SQL, turn: UInt64) async throws(StorageFault)

    /// Runs a statement, and lets none follow it in this turn.
    func runLast(_ sql: SQL, turn: UInt64) async throws(StorageFault)

    func script(_ text: String, turn: UInt64) async throws(StorageFault)
}

/// Which rows of an answer a caller wants to see. A change is made in full whatever is wanted.
public enum Wanted: Sendable {
    case all, first, none
}
