import Codec
import Domain
import Helpdesk
import Loop
import Storage
import TestEngines
import Testing

/// A desk with an empty database, a clock that a test turns, and people to act with.
struct TestDesk: Sendable {
    let desk: Desk
    let database: any Database
    let clock: TestClock
    let customer: Caller
    let otherCustomer: Caller
    let agent: Caller
    let otherAgent: Caller
    let admin: Caller

    func write<Result: Sendable>(_ body: @escaping @Sendable (Work) async throws -> Result) async throws -> Result {
        try await desk.write(body)
    }

    func read<Result: Sendable>(_ body: @escaping @Sendable (Look) async throws -> Result) async throws -> Result {
        try await desk.read(for: .server, body)
    }

    /// Another machine's desk over the same database.
    func anotherNode() throws -> Desk {
        try Desk(database, desk.rules, desk.outside, secret: Array("a secret for tests only".utf8))
    }

    /// Opens a ticket of `caller`'s.
    func ticket(
        _ title: String = "Printer on fire", by caller: Caller? = nil, description: String = "It burns."
    ) async throws -> Ticket {
        let caller = caller ?? customer
        var draft = TicketDraft()
        draft.title = title
        draft.description = description
        let ready = draft
        return try await write { work in try await work.open(ready, as: caller) }
    }
}

/// Time that stands still until a test moves it.
final class TestClock: Sendable {
    private let time = Locked(1_760_000_000_000)

    var now: Moment { Moment(time.withLock { $0 }) }
    func advance(days: Int = 0, seconds: Int = 0) { time.withLock { $0 += days * 86_400_000 + seconds * 1000 } }
}

/// Runs `body` with a fresh desk on that engine.
func withDesk(
    on engine: TestEngine, _ rules: Rules = Rules(), delegated: DelegatedTokens? = nil,
    _ body: @escaping @Sendable (TestDesk) async throws -> Void
) async throws {
    try await withDatabase(on: engine) { database in
        let clock = TestClock()
        _ = try await Migrator(Migrations.all, on: database).run { clock.now.milliseconds }
        let blocking = BlockingPool(threads: 2, bound: 64)
        defer { blocking.stop() }
        let desk = try Desk(
            database, rules, .test(clock, blocking), secret: Array("a secret for tests only".utf8), delegated: delegated)
        let scope = rules.agentScope == .assigned
        let people = try await desk.testPeople(seesAssignedOnly: scope)
        try await body(
            TestDesk(
                desk: desk, database: database, clock: clock, customer: people[0], otherCustomer: people[1], agent: people[2],
                otherAgent: people[3], admin: people[4]))
    }
}

extension Outside {
    static func test(_ clock: TestClock, _ blocking: BlockingPool) -> Outside {
        let uuids = Locked(TestIDs())
        return Outside(
            now: { clock.now },
            newID: { uuids.withLock { $0.maker.next(at: Timestamp(milliseconds: Int64(clock.now.milliseconds))).bits } },
            newToken: { uuids.withLock { $0.maker.v4().bits } }, random: { count in uuids.withLock { $0.random.bytes(count) } },
            offload: { work in try await blocking.run(work) })
    }
}

private final class TestIDs {
    var maker = UUIDMaker()
    var random = RandomSource()
}
