import Domain
import Storage
import TestEngines
import Testing

@testable import Helpdesk

@Suite("Reading all at once") struct MarkAllReadTests {
    /// So many that going through all of them once for each takes longer than PostgreSQL lets a statement run.
    private static let count = 4_000

    @Test("thousands are noted as read, before the database has counted them", arguments: TestEngine.all)
    func thousands(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            try await desk.told(Self.count, of: ticket)
            #expect(try await desk.write { work in try await work.markAllRead(as: desk.customer) } == Self.count)
            let left = try await desk.read { look in try await look.notifications(unreadOnly: true, SliceRequest(), as: desk.customer) }
            #expect(left.items.isEmpty && left.unread == 0)
            #expect(try await desk.write { work in try await work.markAllRead(as: desk.customer) } == 0)
        }
    }

    @Test("one request reads so many, and the next goes on", arguments: TestEngine.all)
    func bounded(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            try await desk.told(Work.mostMarked + 3, of: ticket)
            var counts: [Int] = []
            for _ in 0..<3 { counts.append(try await desk.write { work in try await work.markAllRead(as: desk.customer) }) }
            #expect(counts == [Work.mostMarked, 3, 0])
        }
    }
}

extension TestDesk {
    /// Has told the customer so often of a ticket.
    fileprivate func told(_ count: Int, of ticket: Ticket) async throws {
        let (person, now, outside) = (customer.id, clock.now, desk.outside)
        try await database.write { db in
            var rest = count
            while rest > 0 {
                let rows = (0..<min(rest, 500)).map { _ in
                    "(\(outside.newID()), \(person), 'replied', \(ticket.id), FALSE, \(now))" as SQL
                }
                rest -= rows.count
                try await db.run(
                    """
                    INSERT INTO notifications (id, person_id, reason, ticket_id, is_private, created_at) VALUES \(rows.joined(by: ", "))
                    """)
            }
            try await db.run(
                """
                INSERT INTO inboxes (person_id, unread, preferences, revision) VALUES (\(person), \(count), '{}', 1)
                ON CONFLICT (person_id) DO UPDATE SET unread = \(count)
                """)
        }
    }
}
