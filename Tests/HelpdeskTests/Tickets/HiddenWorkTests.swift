import Domain
import Helpdesk
import TestEngines
import Testing

/// What only staff do to a ticket moves nothing that its requester sees, by whatever way they look.
@Suite("What private work hides") struct HiddenWorkTests {
    /// Something that only staff may know of.
    struct Act: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let isDone: @Sendable (TestDesk, Ticket) async throws -> Void
    }

    static let acts = [
        Act(testDescription: "a private comment") { desk, ticket in
            try await desk.comment("Hidden", on: ticket, by: desk.agent, .private)
        },
        Act(testDescription: "a private comment put right") { desk, ticket in
            let comment = try await desk.comment("Hidden", on: ticket, by: desk.agent, .private)
            desk.clock.advance(seconds: 60)
            try await desk.write { work in
                _ = try await work.edit(comment.id, on: .id(ticket.id), content: "Better hidden", expecting: nil, as: desk.agent)
            }
        },
        Act(testDescription: "a private comment taken away") { desk, ticket in
            let comment = try await desk.comment("Hidden", on: ticket, by: desk.agent, .private)
            desk.clock.advance(seconds: 60)
            try await desk.write { work in
                try await work.delete(comment.id, on: .id(ticket.id), expecting: nil, as: desk.admin)
            }
        },
        Act(testDescription: "into the bin and out again") { desk, ticket in
            try await desk.write { work in try await work.discard(.id(ticket.id), as: desk.admin) }
            desk.clock.advance(seconds: 60)
            try await desk.write { work in _ = try await work.restore(.id(ticket.id), as: desk.admin) }
        },
        Act(testDescription: "followed, and no longer") { desk, ticket in
            let bob = desk.agent.id
            try await desk.write { work in _ = try await work.addFollower(bob, to: .id(ticket.id), as: desk.admin) }
            try await desk.write { work in try await work.removeFollower(bob, from: .id(ticket.id), as: desk.admin) }
        },
    ]

    @Test("nothing that the requester sees moves", arguments: TestEngine.all, acts)
    func hides(on engine: TestEngine, act: Act) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            try await desk.comment("Shown", on: ticket, by: desk.agent)
            desk.clock.advance(seconds: 60)
            let newer = try await desk.ticket("A newer one")
            let before = try await Seen(ticket, on: desk)
            #expect(before.list == [newer.id, ticket.id])
            let since = desk.clock.now
            desk.clock.advance(seconds: 60)
            try await act.isDone(desk, ticket)
            #expect(try await Seen(ticket, on: desk) == before)
            #expect(try await desk.list { $0.updatedAfter = since } == [])
        }
    }

    @Test("the requester's copy is as fresh as before, for changes and replies", arguments: TestEngine.all, acts)
    func staysFresh(on engine: TestEngine, act: Act) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let reply = try await desk.comment("Shown", on: ticket, by: desk.agent)
            let known = try await desk.find(ticket).shownTally.revision
            try await act.isDone(desk, ticket)
            try await desk.change(ticket, by: desk.customer, expecting: known) { $0.title = "Fire" }
            try await desk.comment("Thanks", on: ticket, by: desk.customer, after: reply.id)
        }
    }
}

/// All that the requester sees of a ticket.
private struct Seen: Equatable {
    var tally: Ticket.Tally
    var status: Status
    var firstRespondedAt: Moment?
    var comments: [Domain.Comment]
    var commentTotal: Int?
    var history: [EventType]
    var historyTotal: Int?
    var facts: Ticket.Tally
    /// Their tickets, the one that changed last first.
    var list: [Ticket.ID]

    init(_ ticket: Ticket, on desk: TestDesk) async throws {
        var slice = SliceRequest()
        slice.isCounted = true
        let whole = slice
        let found = try await desk.find(ticket, as: desk.customer)
        (tally, status, firstRespondedAt) = (found.tally(for: desk.customer), found.status, found.firstRespondedAt)
        let comments = try await desk.read { look in try await look.comments(on: .id(ticket.id), whole, as: desk.customer) }
        let history = try await desk.read { look in try await look.history(of: .id(ticket.id), whole, as: desk.customer) }
        (self.comments, commentTotal) = (comments.items, comments.total)
        (self.history, historyTotal) = (history.items.map(\.type), history.total)
        facts = try await desk.read { look in try await look.publicFacts(ticket.embedToken) }.tally
        list = try await desk.list { $0.order = TicketOrder(by: .updatedAt, isDescending: true) }
    }
}

extension TestDesk {
    /// The customer's tickets, as they would list them.
    fileprivate func list(_ change: (inout TicketFilter) -> Void) async throws -> [Ticket.ID] {
        var filter = TicketFilter()
        change(&filter)
        let ready = filter
        return try await read { look in try await look.tickets(ready, SliceRequest(), as: customer) }.items.map(\.id)
    }
}
