import Domain
import Helpdesk
import TestEngines
import Testing

@Suite("Addresses on comments, and tickets that refuse when closed") struct LinkTests {
    private static let links = ["http://example.com/a.png", "https://example.com/ä?b=\"c\""]

    private static func draft(_ content: String = "See there.", _ set: (inout CommentDraft) -> Void) -> CommentDraft {
        var draft = CommentDraft()
        draft.content = content
        set(&draft)
        return draft
    }

    @Test("they are kept, listed and told of, and gone when the comment is", arguments: TestEngine.all)
    func kept(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let draft = Self.draft { $0.links = Self.links }
            let comment = try await desk.write { work in try await work.comment(draft, on: .id(ticket.id), as: desk.customer) }
            #expect(comment.links == Self.links)
            let found = try await desk.read { look in try await look.comment(comment.id, on: .id(ticket.id), as: desk.agent) }
            #expect(found == comment)
            let listed = try await desk.read { look in try await look.publicComments(on: .id(ticket.id), SliceRequest(), as: desk.agent) }
            #expect(listed.items == [comment])
            let told = { @Sendable in
                try await desk.desk.events(EventQuestion(), SliceRequest(), as: desk.admin).items.compactMap {
                    if case .comment(let comment) = $0.subject { comment.links } else { nil }
                }
            }
            #expect(try await told() == [Self.links])
            try await desk.write { work in try await work.delete(comment.id, on: .id(ticket.id), expecting: nil, as: desk.customer) }
            // With its words, from the event that told of it first too.
            #expect(try await told() == [[], []])
        }
    }

    @Test("what is private is on no list of what is public, and a limit holds", arguments: TestEngine.all)
    func publicOnly(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            for content in ["one", "two", "three"] {
                desk.clock.advance(seconds: 1)
                try await desk.comment(content, on: ticket, by: desk.customer)
                try await desk.comment("not for all", on: ticket, by: desk.agent, .private)
            }
            for limit in [2, 1000] {
                var slice = SliceRequest()
                slice.limit = limit
                let ready = slice
                let listed = try await desk.read { look in try await look.publicComments(on: .id(ticket.id), ready, as: desk.admin) }
                #expect(listed.items.map(\.content) == Array(["one", "two", "three"].prefix(limit)))
            }
            await #expect(throws: DeskError.notFound("Ticket not found")) {
                try await desk.read { look in
                    try await look.publicComments(on: .id(ticket.id), SliceRequest(), as: desk.otherCustomer)
                }
            }
        }
    }

    @Test("where a closed ticket refuses, it refuses everybody and stays closed", arguments: TestEngine.all)
    func refusesClosed(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let draft = Self.draft { $0.refusesClosed = true }
            try await desk.write { work in _ = try await work.comment(draft, on: .id(ticket.id), as: desk.customer) }
            try await desk.move(ticket, to: .closed, by: desk.agent)
            for caller in [desk.customer, desk.agent, desk.admin] {
                await #expect(throws: DeskError.forbidden("This action is not allowed on a closed ticket")) {
                    try await desk.write { work in _ = try await work.comment(draft, on: .id(ticket.id), as: caller) }
                }
            }
            let after = try await desk.find(ticket)
            #expect(after.status == .closed && after.tally.commentCount == 1)
        }
    }
}
