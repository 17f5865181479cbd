internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// Somebody who talks on a ticket.
///
/// What they say becomes a public comment, and they hear it like all others do: from the log, where it stands once it is kept. So
/// everybody hears the same in the same order, whichever way it came in. What cannot be said is answered with an error, and the talk
/// goes on.
//
// `@unchecked Sendable`: it belongs to its connection's loop. What it does is done in its session's task, or in another one on that loop
// for which that one waits.
final class ChatSession: @unchecked Sendable {
    private let session: WebSocketSession
    private let desk: Desk
    private let ticket: Ticket
    private let follower: Follower
    private let limits: CallerLimits
    private let writes: WriteBudget

    /// Nil, and the session closed, when the log cannot be followed now.
    init?(
        _ session: WebSocketSession, _ hub: Hub, _ limits: CallerLimits, _ writes: WriteBudget, _ visitor: Visitor, on ticket: Ticket
    ) {
        let handle = session.handle
        guard let follower = try? Follower(hub, visitor, for: [.ticket(ticket.id)], after: nil, wake: { handle.poke() }) else {
            session.close(.tryLater, "The event log is still being looked at")
            return nil
        }
        self.session = session
        self.follower = follower
        self.limits = limits
        self.writes = writes
        self.ticket = ticket
        desk = hub.desk
    }

    func serve() async {
        defer { follower.leave() }
        while true {
            switch await session.next() {
            case .message(let message):
                await session.apart { await self.hear(message) }
                // Who has much to say hears the others all the same.
                await look()
            case .poke: await look()
            case .end: return
            }
        }
    }

    // MARK: - What they say

    private func hear(_ message: WebSocketMessage) async {
        do {
            try await say(try ChatFrame(message, on: ticket).content)
        } catch {
            guard let refusal = error as? Refusal ?? Refusal(desk: error) else {
                return session.close(.internalError, "Something failed here")
            }
            session.send(SocketRefusal(refusal).frame)
        }
    }

    private func say(_ content: String) async throws {
        let (caller, name) = (follower.caller, TicketName.id(ticket.id))
        try await limits.count(caller)
        guard caller.mayUse(.write) else { throw DeskError.lacksScope(.write) }
        // As a request's body and the answer to it would be.
        try writes.take(WriteBudget.rows + 2 * content.utf8.count, by: caller)
        var draft = CommentDraft()
        draft.content = content
        let said = draft
        try await desk.write { work in _ = try await work.comment(said, on: name, as: caller) }
    }

    // MARK: - What they hear

    private func look() async {
        do {
            try await bringNews()
        } catch {
            session.close(.tryLater, "The database is not there now")
        }
    }

    private func bringNews() async throws {
        while true {
            switch try await session.news(of: follower) {
            case .events(let events):
                for event in events {
                    tell(event)
                    await session.roomToSend()
                }
            case .signals: continue
            case .dismissed: return session.close(.unauthorized, "The credential has ended, or allows something else")
            case .none:
                // Somebody who sees the ticket no more has been taken off it.
                if !follower.sees(ticket.id) { leaveOff() }
                return
            }
        }
    }

    // Not inlined: what it takes would stay on the stack of the session's task.
    @inline(never)
    private func tell(_ shared: SharedEvent) {
        let event = shared.event
        guard event.ticket == ticket.id else { return }
        guard let standing = event.standing, follower.caller.mayChat(on: standing) else { return leaveOff() }
        guard event.type == .commentCreated, !event.isPrivate, !event.isTakenBack, case .comment(let comment) = event.subject else {
            return
        }
        let bytes = shared.bytes(SharedEvent.Form("chat", for: follower.caller)) { JSON.bytes(of: ChatMessage(comment: comment)) }
        session.send(WebSocketMessage(.text, bytes))
    }

    private func leaveOff() { session.close(.policy, "You talk on this ticket no more") }
}
