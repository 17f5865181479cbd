import Codec
import Domain
import Helpdesk
import Storage

// What people do in tests, in a line.

extension TestDesk {
    @discardableResult
    func comment(
        _ content: String = "I see.", on ticket: Ticket, by caller: Caller, _ type: CommentType = .public, after: Comment.ID? = nil
    ) async throws -> Comment {
        var draft = CommentDraft()
        draft.content = content
        draft.type = type
        draft.after = after
        let ready = draft
        return try await write { work in try await work.comment(ready, on: .id(ticket.id), as: caller) }
    }

    @discardableResult
    func change(
        _ ticket: Ticket, by caller: Caller, expecting revision: Int? = nil, _ edit: (inout TicketEdit) -> Void
    ) async throws -> Ticket {
        var changed = TicketEdit()
        edit(&changed)
        let ready = changed
        return try await write { work in try await work.change(.id(ticket.id), ready, expecting: revision, as: caller) }
    }

    @discardableResult
    func move(_ ticket: Ticket, to status: Status, by caller: Caller) async throws -> Ticket {
        try await change(ticket, by: caller) { $0.status = status }
    }

    @discardableResult
    func assign(_ ticket: Ticket, to name: PersonName?, by caller: Caller) async throws -> Ticket {
        try await change(ticket, by: caller) { edit in
            if let name { edit.assignee = .to(name) } else { edit.assignee = .null }
        }
    }

    /// The ticket as that caller finds it.
    func find(_ ticket: Ticket, as caller: Caller? = nil) async throws -> Ticket {
        let caller = caller ?? admin
        return try await read { look in try await look.ticket(.id(ticket.id), as: caller) }
    }

    /// The types of the events that the log has of a ticket, in order.
    func told(of ticket: Ticket) async throws -> [String] {
        try await database.read { db in
            try await db.all("SELECT type FROM events WHERE ticket_id = \(ticket.id) ORDER BY seq") { $0.text() }
        }
    }

    /// The changes that the log tells of last.
    func lastChanges(of ticket: Ticket) async throws -> String? {
        try await database.read { db in
            try await db.first("SELECT changes FROM events WHERE ticket_id = \(ticket.id) ORDER BY seq DESC LIMIT 1") { $0.text() }
        }
    }

    /// How many tickets somebody has to work on, as it is kept, and as it is.
    func load(of caller: Caller) async throws -> (kept: Int?, counted: Int?) {
        try await database.read { db in
            let kept = try await db.first("SELECT open_tickets FROM people WHERE id = \(caller.id)") { $0.int() }
            let counted = try await db.first(
                """
                SELECT count(*) FROM tickets
                WHERE assignee_id = \(caller.id) AND deleted_at IS NULL AND status IN ('open', 'in_progress', 'pending')
                """
            ) { $0.int() }
            return (kept, counted)
        }
    }
}
