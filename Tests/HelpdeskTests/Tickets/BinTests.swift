import Codec
import Domain
import Helpdesk
import Storage
import TestEngines
import Testing

@Suite("The bin") struct BinTests {
    @Test("what is in it only admins see, and take out as it was", arguments: TestEngine.all)
    func restores(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            try await desk.discard(ticket, by: desk.admin)
            for caller in [desk.customer, desk.agent] {
                await #expect(throws: DeskError.notFound("Ticket not found")) { try await desk.find(ticket, as: caller) }
            }
            #expect(try await desk.find(ticket, as: desk.admin).deletedAt == desk.clock.now)
            try await desk.discard(ticket, by: desk.admin)
            let restored = try await desk.write { work in try await work.restore(.id(ticket.id), as: desk.admin) }
            #expect(restored.deletedAt == nil && restored.shownTally == ticket.shownTally && restored.tally.revision == 3)
            #expect(try await desk.told(of: ticket) == ["ticket.created", "ticket.deleted", "ticket.restored"])
        }
    }

    @Test("what is in it is not changed", arguments: TestEngine.all)
    func unchanged(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            try await desk.discard(ticket, by: desk.admin)
            await #expect(throws: DeskError.conflict("This ticket is in the bin: restore it first")) {
                try await desk.comment(on: ticket, by: desk.admin)
            }
            await #expect(throws: DeskError.conflict("This ticket is in the bin: restore it first")) {
                try await desk.move(ticket, to: .closed, by: desk.admin)
            }
            await #expect(throws: DeskError.conflict("This ticket is in the bin: restore it first")) {
                _ = try await desk.write { work in try await work.rotateEmbedToken(of: .id(ticket.id), as: desk.admin) }
            }
            let follower = desk.agent.id
            await #expect(throws: DeskError.conflict("This ticket is in the bin: restore it first")) {
                _ = try await desk.write { work in try await work.addFollower(follower, to: .id(ticket.id), as: desk.admin) }
            }
        }
    }

    @Test("agents and customers put nothing in it", arguments: TestEngine.all)
    func forbidden(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            for caller in [desk.agent, desk.customer] {
                await #expect(throws: DeskError.forbidden("Only admins delete tickets")) { try await desk.discard(ticket, by: caller) }
            }
            await #expect(throws: DeskError.notFound("Ticket not found")) { try await desk.discard(ticket, by: desk.otherCustomer) }
        }
    }

    @Test("after thirty days it is emptied, with all words of what was in it", arguments: TestEngine.all)
    func emptied(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let old = try await desk.ticket("Old")
            try await desk.comment("Words", on: old, by: desk.customer)
            try await desk.change(old, by: desk.agent) { $0.tags = .to(["old"]) }
            let kept = try await desk.ticket("Kept")
            try await desk.discard(old, by: desk.admin)
            desk.clock.advance(days: 1)
            let later = try await desk.ticket("Later")
            try await desk.discard(later, by: desk.admin)
            desk.clock.advance(days: 29)
            #expect(try await desk.desk.emptyBin() == 1)
            #expect(try await desk.desk.emptyBin() == 0)
            await #expect(throws: DeskError.notFound("Ticket not found")) { try await desk.find(old) }
            _ = try await desk.find(kept)
            _ = try await desk.find(later)
            let words = try await desk.database.read { db in
                try await db.all("SELECT data FROM events WHERE ticket_id = \(old.id) ORDER BY seq") { $0.text() }
            }
            #expect(words == ["{}", "{}", "{}", "{}"])
            let left = try await desk.database.read { db in
                try await db.first("SELECT (SELECT count(*) FROM comments) + (SELECT count(*) FROM ticket_tags)") { $0.int() }
            }
            #expect(left == 0)
        }
    }

    @Test("more than a batch goes in one round", arguments: TestEngine.all)
    func batches(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await atOnce(105) { _ in
                let ticket = try await desk.ticket()
                try await desk.discard(ticket, by: desk.admin)
            }
            desk.clock.advance(days: 30)
            #expect(try await desk.desk.emptyBin() == 105)
        }
    }
}

extension TestDesk {
    fileprivate func discard(_ ticket: Ticket, by caller: Caller) async throws {
        try await write { work in try await work.discard(.id(ticket.id), as: caller) }
    }
}
