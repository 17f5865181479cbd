import Domain
import Loop
import Storage
import Testing

@testable import Helpdesk

/// A hub that a test turns by hand.
struct LiveDesk: Sendable {
    let desk: TestDesk
    let hub: Hub

    /// Gives a hub that knows the log's end.
    init(_ desk: TestDesk) async throws {
        self.desk = desk
        hub = Hub(desk.desk)
        try await settle()
    }

    /// Turns the hub until it has come to the end of the log. Other tests' transactions may hold it up.
    func settle() async throws {
        for _ in 0..<20_000 {
            while try await hub.step() {}
            if hub.isReady, try await hub.position >= desk.lastSeq() { return }
            try await Task.sleep(for: .milliseconds(3))
        }
        Issue.record("the hub came to no end")
    }

    /// Somebody who signed in just now.
    func visitor(_ caller: Caller) async throws -> Visitor {
        let person = try await desk.person(caller.id)
        let signIn = try await desk.write { work in try await work.beginSession(of: person, from: .test) }
        return try await desk.desk.visitor(with: Array(signIn.accessToken.utf8))
    }

    func reader(_ caller: Caller, for interests: Set<Interest>, after: Int? = nil) async throws -> Reader {
        try Reader(hub, try await visitor(caller), for: interests, after: after)
    }
}

/// Somebody who follows, and what they were given.
final class Reader {
    let follower: Follower
    private let wakeCount: Locked<Int>
    private(set) var events: [Event] = []
    private(set) var signals: [Helpdesk.Signal] = []
    private(set) var isDismissed = false

    init(_ hub: Hub, _ visitor: Visitor, for interests: Set<Interest>, after: Int?) throws {
        let wakes = Locked(0)
        wakeCount = wakes
        follower = try Follower(hub, visitor, for: interests, after: after) { wakes.withLock { $0 += 1 } }
    }

    /// Takes all that has come.
    func look() async throws {
        while !isDismissed {
            switch try await follower.news() {
            case .events(let shared): events += shared.map(\.event)
            case .signals(let more): signals += more
            case .dismissed: isDismissed = true
            case .none: return
            }
        }
    }

    /// How often it was woken.
    var wakes: Int { wakeCount.withLock { $0 } }
    var seqs: [Int] { events.map(\.seq) }
    var types: [EventType] { events.map(\.type) }
}

extension TestDesk {
    func lastSeq() async throws -> Int { try await count("SELECT COALESCE(max(seq), 0) FROM events") }

    /// The numbers of the log behind a place, those of one ticket or all.
    func seqs(after place: Int = 0, of ticket: Ticket? = nil) async throws -> [Int] {
        let id = ticket?.id
        return try await database.read { db in
            if let id {
                return try await db.all("SELECT seq FROM events WHERE seq > \(place) AND ticket_id = \(id) ORDER BY seq") { $0.int() }
            }
            return try await db.all("SELECT seq FROM events WHERE seq > \(place) ORDER BY seq") { $0.int() }
        }
    }

    /// Opens many tickets at once.
    func manyTickets(_ count: Int, by caller: Caller? = nil) async throws {
        let caller = caller ?? customer
        try await write { work in
            for number in 0..<count {
                var draft = TicketDraft()
                (draft.title, draft.description) = ("Printer \(number)", "It burns.")
                _ = try await work.open(draft, as: caller)
            }
        }
    }

    func delete(_ comment: Domain.Comment, on ticket: Ticket, by caller: Caller) async throws {
        try await write { work in try await work.delete(comment.id, on: .id(ticket.id), expecting: nil, as: caller) }
    }
}
