internal import Loop
internal import Storage

/// The connection of one body that only reads: its statements go over the loop's shared links, each by itself.
final class SharedRead: Storage.Link {
    let engine = Engine.postgres
    private(set) var turn: UInt64 = 1
    /// The first fault; the body's result does not count any more.
    private(set) var fault: StorageFault?
    /// Whether a statement took longer than is fair to the others on its link.
    private(set) var wasSlow = false

    private let links: SharedLinks

    init(_ links: SharedLinks) { self.links = links }

    func query(
        _ sql: SQL, turn: UInt64, wants: Wanted, _ each: (inout Row) throws(StorageFault) -> Void
    ) async throws(StorageFault) -> Int {
        guard turn == self.turn else { throw .broken("a connection was used after its transaction") }
        if let fault { throw fault }
        let query = Query(sql, mayRepeat: true)
        do throws(StorageFault) {
            return try await query.answer { links.ask($0) }.read(wants, each)
        } catch {
            let fault = query.meaning == .readOnly ? .broken("a body that only reads tried to change something") : error
            self.fault = fault
            wasSlow = query.meaning == .timedOut
            throw fault
        }
    }

    func runSoon(_ sql: SQL, turn: UInt64) async throws(StorageFault) { throw .broken("a body that only reads changes nothing") }

    func runLate(_ sql: SQL, turn: UInt64) async throws(StorageFault) { try await runSoon(sql, turn: turn) }

    func runLast(_ sql: SQL, turn: UInt64) async throws(StorageFault) { throw .broken("a last statement belongs into a transaction") }

    func script(_ text: String, turn: UInt64) async throws(StorageFault) { throw .broken("a script belongs into a transaction") }

    func end() { turn += 1 }
}
