import Domain
import Helpdesk
import TestEngines
import Testing

@Suite("A ticket's public facts") struct EmbedTests {
    @Test("its token shows them, without what private work moved", arguments: TestEngine.all)
    func facts(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            desk.clock.advance(seconds: 60)
            try await desk.comment("He is angry.", on: ticket, by: desk.agent, .private)
            let facts = try await desk.facts(ticket.embedToken)
            #expect(facts.subject == "Printer on fire" && facts.status == .open && facts.tally == ticket.shownTally)
        }
    }

    @Test("a new token takes the old one's place", arguments: TestEngine.all)
    func rotates(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let rotated = try await desk.write { work in try await work.rotateEmbedToken(of: .id(ticket.id), as: desk.customer) }
            #expect(rotated.embedToken != ticket.embedToken)
            _ = try await desk.facts(rotated.embedToken)
            await #expect(throws: DeskError.notFound("Ticket not found")) { try await desk.facts(ticket.embedToken) }
            #expect(try await desk.lastChanges(of: ticket) == #"{"embed_token":{"from":null,"to":null}}"#)
            await #expect(throws: DeskError.notFound("Ticket not found")) {
                try await desk.write { work in try await work.rotateEmbedToken(of: .id(ticket.id), as: desk.otherCustomer) }
            }
        }
    }

    @Test("what is in the bin has none", arguments: TestEngine.all)
    func bin(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            try await desk.write { work in try await work.discard(.id(ticket.id), as: desk.admin) }
            await #expect(throws: DeskError.notFound("Ticket not found")) { try await desk.facts(ticket.embedToken) }
        }
    }
}

extension TestDesk {
    @discardableResult
    fileprivate func facts(_ token: UInt128) async throws -> PublicFacts {
        try await read { look in try await look.publicFacts(token) }
    }
}
