import Codec
import Domain
import Helpdesk
import Loop
import Storage
import TestEngines
import Testing

@Suite("Writing on a ticket") struct CommentTests {
    @Test("a comment is kept, counted and told of", arguments: TestEngine.all)
    func writes(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            desk.clock.advance(seconds: 5)
            let comment = try await desk.comment("And smokes.", on: ticket, by: desk.customer)
            #expect(comment.author.name == "Alice Example" && comment.content == "And smokes." && comment.createdAt == desk.clock.now)
            let found = try await desk.read { look in try await look.comment(comment.id, on: .number(1), as: desk.customer) }
            #expect(found == comment)
            let tally = Ticket.Tally(revision: 2, commentCount: 1, updatedAt: desk.clock.now)
            let after = try await desk.find(ticket)
            #expect(after.tally == tally && after.shownTally == tally && after.status == .open)
            #expect(try await desk.told(of: ticket) == ["ticket.created", "comment.created"])
        }
    }

    @Test("an agent's first public reply begins the work", arguments: TestEngine.all)
    func firstReply(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            desk.clock.advance(seconds: 60)
            try await desk.comment(on: ticket, by: desk.agent)
            let answered = try await desk.find(ticket)
            #expect(answered.status == .inProgress && answered.firstRespondedAt == desk.clock.now)
            try await desk.move(ticket, to: .open, by: desk.agent)
            desk.clock.advance(seconds: 60)
            try await desk.comment(on: ticket, by: desk.agent)
            let again = try await desk.find(ticket)
            #expect(again.status == .open && again.firstRespondedAt == answered.firstRespondedAt)
        }
    }

    @Test("the requester's reply opens again what waited, was done or was closed", arguments: TestEngine.all)
    func reopens(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            for status in [Status.pending, .resolved, .closed] {
                try await desk.move(ticket, to: status, by: desk.agent)
                try await desk.comment(on: ticket, by: desk.customer)
                let open = try await desk.find(ticket)
                #expect(open.status == .open && open.resolvedAt == nil && open.closedAt == nil)
            }
            #expect(try await desk.told(of: ticket).suffix(2) == ["comment.created", "ticket.status_changed"])
        }
    }

    @Test("what was closed too long ago refuses the requester's reply", arguments: TestEngine.all)
    func closedLongAgo(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            try await desk.move(ticket, to: .closed, by: desk.agent)
            desk.clock.advance(days: 14)
            await #expect(
                throws: DeskError.conflict("This ticket was closed some time ago: please open a new one and mention #1")
            ) { try await desk.comment(on: ticket, by: desk.customer) }
            #expect(try await desk.find(ticket).tally.commentCount == 0)
            try await desk.comment(on: ticket, by: desk.agent)
        }
    }

    @Test("with no days to reopen in, nothing closed is opened by a reply", arguments: TestEngine.all)
    func neverReopens(on engine: TestEngine) async throws {
        var rules = Rules()
        rules.reopenDays = 0
        try await withDesk(on: engine, rules) { desk in
            let ticket = try await desk.ticket()
            try await desk.move(ticket, to: .closed, by: desk.agent)
            await #expect(throws: DeskError.self) { try await desk.comment(on: ticket, by: desk.customer) }
        }
    }

    @Test("a private comment moves nothing that customers see, and is not there for them", arguments: TestEngine.all)
    func hidden(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            desk.clock.advance(seconds: 60)
            let comment = try await desk.comment("He is angry.", on: ticket, by: desk.agent, .private)
            let after = try await desk.find(ticket)
            #expect(after.tally.commentCount == 1 && after.shownTally == ticket.shownTally)
            #expect(after.status == .open && after.firstRespondedAt == nil)
            await #expect(throws: DeskError.notFound("Comment not found")) {
                try await desk.read { look in try await look.comment(comment.id, on: .id(ticket.id), as: desk.customer) }
            }
            for act in [desk.customer, desk.otherCustomer] {
                await #expect { try await desk.edit(comment, "?", by: act) } throws: { error in
                    if case .notFound? = error as? DeskError { true } else { false }
                }
            }
        }
    }

    @Test("only staff write privately", arguments: TestEngine.all)
    func customersArePublic(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            await #expect(throws: DeskError.forbidden("Only staff write private comments")) {
                try await desk.comment(on: ticket, by: desk.customer, .private)
            }
        }
    }

    @Test("nobody writes on a ticket they do not see", arguments: TestEngine.all)
    func foreign(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            await #expect(throws: DeskError.notFound("Ticket not found")) {
                try await desk.comment(on: ticket, by: desk.otherCustomer)
            }
        }
    }

    @Test("a reply that was overtaken is refused with what is newer", arguments: TestEngine.all)
    func overtaken(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let first = try await desk.comment("One", on: ticket, by: desk.customer)
            try await desk.comment("Hidden", on: ticket, by: desk.agent, .private)
            let second = try await desk.comment("Two", on: ticket, by: desk.agent, after: first.id)
            await #expect(throws: DeskError.overtaken([second])) {
                try await desk.comment("Three", on: ticket, by: desk.customer, after: first.id)
            }
            try await desk.comment("Three", on: ticket, by: desk.customer, after: second.id)
        }
    }

    @Test("a comment that is not on the ticket, or not the caller's to know, cannot have been read", arguments: TestEngine.all)
    func unknownComment(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let other = try await desk.comment(on: try await desk.ticket(), by: desk.customer)
            let hidden = try await desk.comment(on: ticket, by: desk.agent, .private)
            for known in [other.id, hidden.id] {
                await #expect { try await desk.comment(on: ticket, by: desk.customer, after: known) } throws: { error in
                    if case .invalid(let fields)? = error as? DeskError { fields.map(\.location) == ["after_comment_id"] } else { false }
                }
            }
        }
    }

    @Test("a reply to a stale copy is refused; what is private made no customer's copy stale", arguments: TestEngine.all)
    func stale(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            try await desk.comment("Hidden", on: ticket, by: desk.agent, .private)
            var draft = CommentDraft()
            draft.content = "Reply"
            let ready = draft
            let reply: @Sendable (Caller) async throws -> Void = { caller in
                try await desk.write { work in _ = try await work.comment(ready, on: .id(ticket.id), expecting: 1, as: caller) }
            }
            await #expect(throws: DeskError.stale) { try await reply(desk.agent) }
            try await reply(desk.customer)
            await #expect(throws: DeskError.stale) { try await reply(desk.customer) }
        }
    }

    @Test("of many who answer the same comment at once, one is not overtaken", arguments: TestEngine.all)
    func overtakenAtOnce(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let first = try await desk.comment("One", on: ticket, by: desk.customer)
            let overtaken = Locked(0)
            try await atOnce(10) { number in
                do {
                    try await desk.comment("\(number)", on: ticket, by: desk.agent, after: first.id)
                } catch DeskError.overtaken {
                    overtaken.withLock { $0 += 1 }
                }
            }
            #expect(overtaken.withLock { $0 } == 9)
            #expect(try await desk.find(ticket).tally.commentCount == 2)
        }
    }

    @Test("comments written at once stand in the order of their times, all counted", arguments: TestEngine.all)
    func atTheSameTime(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            try await atOnce(20) { number in try await desk.comment("\(number)", on: ticket, by: desk.agent) }
            #expect(try await desk.find(ticket).tally.commentCount == 20)
            #expect(try await desk.told(of: ticket).filter { $0 == "ticket.status_changed" }.count == 1)
        }
    }
}

@Suite("Changing a comment") struct ChangeCommentTests {
    @Test("its author puts it right, and the history keeps what it said", arguments: TestEngine.all)
    func edits(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let comment = try await desk.comment("Ti burns", on: ticket, by: desk.customer)
            desk.clock.advance(seconds: 5)
            let edited = try await desk.edit(comment, "It burns", by: desk.customer)
            #expect(edited.content == "It burns" && edited.revision == 2 && edited.updatedAt == desk.clock.now)
            #expect(edited.createdAt == comment.createdAt)
            let told = try await desk.desk.events(EventQuestion(), SliceRequest(), as: desk.admin).items.last
            #expect(told?.changes == [FieldChange("content", from: .text("Ti burns"), to: .text("It burns"))])
            #expect(try await desk.find(ticket).shownTally == Ticket.Tally(revision: 3, commentCount: 1, updatedAt: desk.clock.now))
        }
    }

    @Test("the words of one that is deleted go at once, from its row and from the index; the row stays", arguments: TestEngine.all)
    func deletedWords(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let comment = try await desk.comment("Aardvark", on: ticket, by: desk.customer)
            try await desk.write { work in try await work.delete(comment.id, on: .id(ticket.id), expecting: nil, as: desk.customer) }
            let rows = try await desk.database.read { db in
                try await db.all("SELECT content, links, attachments FROM comments") { [$0.text(), $0.text(), $0.text()] }
            }
            #expect(rows == [["", "[]", "[]"]])
            let found: SQL =
                engine.engine == .sqlite
                ? "SELECT count(*) FROM comment_search WHERE comment_search MATCH 'aardvark'"
                : "SELECT count(*) FROM comments WHERE vector IS NOT NULL"
            #expect(try await desk.count(found) == 0)
            #expect(try await desk.find(ticket).tally.commentCount == 0)
        }
    }

    @Test("the same words again leave no trace", arguments: TestEngine.all)
    func nothing(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let comment = try await desk.comment("It burns", on: ticket, by: desk.customer)
            #expect(try await desk.edit(comment, "It burns", by: desk.customer) == comment)
            #expect(try await desk.find(ticket).tally.revision == 2)
        }
    }

    @Test("an edit of a private comment stays hidden", arguments: TestEngine.all)
    func hidden(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let comment = try await desk.comment("Angry", on: ticket, by: desk.agent, .private)
            try await desk.edit(comment, "Very angry", by: desk.agent)
            try await desk.delete(comment, by: desk.agent)
            let after = try await desk.find(ticket)
            #expect(after.shownTally == ticket.shownTally && after.tally.revision == 4 && after.tally.commentCount == 0)
        }
    }

    @Test("what is deleted is gone and not counted; admins may", arguments: TestEngine.all)
    func deletes(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let comment = try await desk.comment("My password is hunter2", on: ticket, by: desk.customer)
            try await desk.delete(comment, by: desk.admin)
            #expect(try await desk.find(ticket).shownTally.commentCount == 0)
            #expect(try await desk.told(of: ticket).last == "comment.deleted")
            for caller in [desk.customer, desk.admin] {
                await #expect(throws: DeskError.notFound("Comment not found")) {
                    try await desk.read { look in try await look.comment(comment.id, on: .id(ticket.id), as: caller) }
                }
            }
            await #expect(throws: DeskError.notFound("Comment not found")) { try await desk.delete(comment, by: desk.admin) }
        }
    }

    @Test("another's comment is not an agent's to change", arguments: TestEngine.all)
    func forbidden(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let comment = try await desk.comment(on: ticket, by: desk.customer)
            await #expect(throws: DeskError.forbidden("Only its author may change a comment")) {
                try await desk.edit(comment, "?", by: desk.agent)
            }
            await #expect(throws: DeskError.forbidden("Only its author may change a comment")) {
                try await desk.delete(comment, by: desk.agent)
            }
        }
    }

    @Test("an older revision is stale", arguments: TestEngine.all)
    func stale(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let comment = try await desk.comment(on: ticket, by: desk.customer)
            try await desk.edit(comment, "Better", by: desk.customer, expecting: 1)
            await #expect(throws: DeskError.stale) { try await desk.edit(comment, "Best", by: desk.customer, expecting: 1) }
        }
    }
}

extension TestDesk {
    @discardableResult
    func edit(_ comment: Domain.Comment, _ content: String, by caller: Caller, expecting revision: Int? = nil) async throws
        -> Domain.Comment
    {
        try await write { work in
            try await work.edit(comment.id, on: .id(comment.ticket), content: content, expecting: revision, as: caller)
        }
    }

    func delete(_ comment: Domain.Comment, by caller: Caller) async throws {
        try await write { work in try await work.delete(comment.id, on: .id(comment.ticket), expecting: nil, as: caller) }
    }
}
