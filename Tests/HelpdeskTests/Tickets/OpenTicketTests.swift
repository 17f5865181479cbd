import Domain
import Helpdesk
import TestEngines
import Testing

@Suite("Opening a ticket") struct OpenTicketTests {
    @Test("it is numbered, open, and its requester's to see", arguments: TestEngine.all)
    func opens(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket("Printer on fire")
            #expect(ticket.number == 1 && ticket.status == .open && ticket.requester.name == "Alice Example")
            let again = try await desk.read { look in try await look.ticket(.number(1), as: desk.customer) }
            #expect(again == ticket)
        }
    }

    @Test("nobody else's customer learns that it is there", arguments: TestEngine.all)
    func foreign(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            await #expect(throws: DeskError.notFound("Ticket not found")) {
                try await desk.read { look in try await look.ticket(.id(ticket.id), as: desk.otherCustomer) }
            }
        }
    }
}
