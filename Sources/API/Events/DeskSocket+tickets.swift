internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

// Which tickets a client follows, and what it tells those who follow them too.

extension DeskSocket {
    func subscribe(_ name: TicketName, _ follower: Follower) async throws {
        guard tickets[name] == nil else { return }
        guard tickets.count < Self.mostTickets else {
            throw Refusal(.conflict, "One socket follows \(Self.mostTickets) tickets at most: open another")
        }
        let ticket = try await find(name, follower)
        let isNew = !tickets.values.contains(ticket)
        tickets[name] = ticket
        if isNew { begin(ticket, follower) }
        awaitOthers()
        guard isNew else { return }
        let others = hub.come(follower.caller, to: ticket)
        guard follower.caller.isStaff else { return }
        for other in others { session.send(other.socketFrame) }
    }

    /// Follows a ticket from now on; where the client has just resumed, from there.
    private func begin(_ ticket: Ticket.ID, _ follower: Follower) {
        guard let resumed, .now < resumed.until else { return follower.follow(.ticket(ticket)) }
        guard hasTold else {
            follower.follow(.ticket(ticket))
            return follower.resume(after: resumed.place)
        }
        follower.follow(ticket, after: resumed.place)
        session.handle.poke()
    }

    /// A client that was here before subscribes and then resumes, or the other way round. What came between the two would be told twice, or
    /// out of order; so the first event waits for a moment.
    func awaitOthers() {
        guard !hasTold else { return }
        patientUntil = .now + Self.moment
        session.poke(after: Self.moment + .milliseconds(10))
    }

    func unsubscribe(_ name: TicketName, _ follower: Follower) async throws {
        let ticket = if let known = tickets[name] { known } else { try await find(name, follower) }
        guard tickets.values.contains(ticket) else { return }
        tickets = tickets.filter { $0.value != ticket }
        follower.unfollow(.ticket(ticket))
        hub.leave(follower.caller, from: ticket)
    }

    func ticket(_ name: TicketName, _ follower: Follower) async throws -> Ticket.ID {
        if let known = tickets[name], follower.sees(known) { return known }
        return try await find(name, follower)
    }

    func find(_ name: TicketName, _ follower: Follower) async throws -> Ticket.ID {
        let caller = follower.caller
        return try await hub.desk.read(for: Asker(caller)) { look in try await look.ticket(name, as: caller).id }
    }
}
