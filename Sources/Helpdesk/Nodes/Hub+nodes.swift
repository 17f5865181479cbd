internal import Codec
public import Domain
internal import Synchronization

/// The hub of this node and those of the others.
extension Hub {
    /// Takes what a node has told, this one included. What makes no sense is passed over: it may be of a newer version.
    public func hear(_ message: [UInt8]) {
        guard let notice = try? NodeNotice.shape.read(json: message, unknown: .ignored), notice.node != desk.nodes.name else { return }
        switch notice.kind {
        case .news: desk.bell.ring()
        case .callers: desk.callers.forget()
        case .hello: callRoll()
        case .roll: tell(attendances.withLock { $0.take(roll: notice.people, of: notice.node, at: desk.outside.now()) })
        case .came, .left:
            for who in notice.people {
                tell(attendances.withLock { $0.note(who, isThere: notice.kind == .came, on: notice.node, at: desk.outside.now()) })
            }
        case .typing: for who in notice.people { tellHere(Signal(.typing, who)) }
        case .viewing: for who in notice.people { tellHere(Signal(.viewing, who)) }
        }
    }

    /// To be called when the others can be reached, again or for the first time.
    public func greet() {
        desk.nodes.tell(.hello)
        callRoll()
        // What they have told meanwhile was not heard.
        desk.callers.forget()
        desk.bell.ring()
    }

    /// Tells the others who is here and that we are alive, and forgets the nodes that have not done so. To be called every ten seconds.
    public func callRoll() {
        desk.nodes.tell(.roll, attendances.withLock { $0.roll() })
        tell(attendances.withLock { $0.forgetSilent(at: desk.outside.now()) })
    }

    // MARK: - Who is there

    /// Somebody has come to a ticket with one more session. Gives who else is there.
    public func come(_ caller: Caller, to ticket: Ticket.ID) -> [Signal] {
        let who = Attendance(ticket: ticket, person: caller.id, name: caller.name)
        let (isNewHere, isNew) = attendances.withLock { $0.come(who) }
        if isNewHere { desk.nodes.tell(.came, [who]) }
        if isNew { tellHere(Signal(.presence, who)) }
        return attendances.withLock { $0.people(at: ticket) }.filter { $0.person != caller.id }.map { Signal(.presence, $0) }
    }

    /// One of their sessions has left it.
    public func leave(_ caller: Caller, from ticket: Ticket.ID) {
        let who = Attendance(ticket: ticket, person: caller.id, name: caller.name)
        let (wasLastHere, wasLast) = attendances.withLock { $0.leave(who) }
        if wasLastHere { desk.nodes.tell(.left, [who]) }
        if wasLast { tellHere(Signal(.presence, who, isThere: false)) }
    }

    private func tell(_ changes: [Attendances.Change]) {
        for change in changes { tellHere(Signal(.presence, change.who, isThere: change.isThere)) }
    }
}

extension Signal {
    init(_ kind: Kind, _ who: Attendance, isThere: Bool = true) {
        self.init(kind, on: who.ticket, by: who.person, named: who.name, isThere: isThere)
    }
}
