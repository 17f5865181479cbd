import Domain
import Helpdesk
import Storage
import TestEngines
import Testing

@Suite("Opening a ticket for somebody else") struct OpenForOthersTests {
    @Test("by address a contact is made, and found the next time", arguments: TestEngine.all)
    func contact(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let first = try await desk.open(for: .contact(email: "New@Example.com", name: "Nora New"), by: desk.agent)
            #expect(first.requester.name == "Nora New" && first.requester.role == .customer)
            let second = try await desk.open(for: .contact(email: "new@example.com", name: nil), by: desk.admin)
            #expect(second.requester == first.requester)
        }
    }

    @Test("many at once make one contact", arguments: TestEngine.all)
    func atTheSameTime(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await atOnce(10) { _ in _ = try await desk.open(for: .contact(email: "new@example.com", name: nil), by: desk.agent) }
            let count = try await desk.database.read { db in
                try await db.first("SELECT count(*) FROM people WHERE email_key = 'new@example.com'") { $0.int() }
            }
            #expect(count == 1)
        }
    }

    @Test("a verified account with the address is who asks", arguments: TestEngine.all)
    func account(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.open(for: .contact(email: "ALICE@example.com", name: "Somebody"), by: desk.agent)
            #expect(ticket.requester.id == desk.customer.id && ticket.requester.name == "Alice Example")
            let byID = try await desk.open(for: .id(desk.customer.id), by: desk.agent)
            #expect(byID.requester == ticket.requester)
        }
    }

    @Test("an account that registered itself and has proven no address sees nothing of it", arguments: TestEngine.all)
    func unproven(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let alice = desk.customer.id.bits
            try await desk.database.write { db in
                try await db.run("UPDATE people SET is_verified = FALSE, needs_proof = TRUE WHERE id = \(alice)")
            }
            let ticket = try await desk.open(for: .contact(email: "alice@example.com", name: nil), by: desk.agent)
            #expect(ticket.requester.id != desk.customer.id)
            await #expect(throws: DeskError.notFound("Ticket not found")) { try await desk.find(ticket, as: desk.customer) }
        }
    }

    @Test("customers open their own only", arguments: TestEngine.all)
    func forbidden(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            await #expect(throws: DeskError.forbidden("Only staff open tickets for others")) {
                try await desk.open(for: .id(desk.otherCustomer.id), by: desk.customer)
            }
        }
    }

    @Test("somebody who is not there is a fault of the body", arguments: TestEngine.all)
    func unknown(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            await #expect(throws: DeskError.invalid([InvalidField("requester", "not_found", "There is no such person")])) {
                try await desk.open(for: .id(Person.ID(1)), by: desk.agent)
            }
        }
    }
}

extension TestDesk {
    @discardableResult
    fileprivate func open(for requester: TicketDraft.Requester, by caller: Caller) async throws -> Ticket {
        var draft = TicketDraft()
        draft.title = "By telephone"
        draft.description = "They called."
        draft.requester = requester
        let ready = draft
        return try await write { work in try await work.open(ready, as: caller) }
    }
}
