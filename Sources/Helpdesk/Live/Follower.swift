public import Domain
internal import Storage

/// Somebody who reads the log as it grows: each event once, in order, as long as they may see it.
///
/// Between what is in the log already and what the hub brings is no gap: a seat is taken first, the log is read up to there, and what
/// the hub brought meanwhile follows. A seat that overflowed is given up and taken anew, in the same way.
///
/// It belongs to one session, which is woken when there is news.
//
// `@unchecked Sendable`: a session asks it one thing at a time, from one task or another.
public final class Follower: @unchecked Sendable {
    public enum News: Sendable {
        case events([SharedEvent])
        case signals([Signal])
        /// The credential has ended, or allows something else than it did.
        case dismissed
        /// Nothing: wait to be woken.
        case none
    }

    public private(set) var visitor: Visitor
    /// Everything up to here was given, or left out for good.
    public private(set) var position: Int
    private let hub: Hub
    private let seat: Seat
    private var interests: Set<Interest>
    /// Whether there is something in the log to read before what the hub brings.
    private var isReading: Bool
    /// What is still to be read of tickets that are followed from a place that everything else is past.
    private var backlogs: [Backlog] = []
    /// Up to where those tickets' backlogs reach, whether they were read already or not.
    private var backlogEnds: [Ticket.ID: Int] = [:]
    private var signals: [Signal] = []
    /// Those of their tickets that they see no longer; they may yet see them again.
    private var hidden: Set<Ticket.ID> = []
    private var hasLeft = false

    /// - Parameters:
    ///   - interests: what they want; `.person` is added, so that their standing is watched.
    ///   - after: the place in the log to begin behind; nil to begin now.
    ///   - wake: called on any thread when there is news.
    /// Throws `.busy` as long as the log's end is not known.
    public init(
        _ hub: Hub, _ visitor: Visitor, for interests: Set<Interest>, after: Int?, wake: @escaping @Sendable () -> Void
    ) throws(DeskError) {
        self.hub = hub
        self.visitor = visitor
        self.interests = interests.union([.person(visitor.caller.id)])
        seat = Seat(wake: wake)
        let now = try hub.take(seat, for: Array(self.interests))
        position = after ?? now
        isReading = position != now
        hub.wake(seat, at: visitor.expiresAt)
    }

    public var caller: Caller { visitor.caller }

    private struct Backlog {
        let ticket: Ticket.ID
        /// Everything of it up to here was given.
        var place: Int
        /// What is behind this comes with everything else.
        let end: Int
    }

    // MARK: - What they want

    public func isFollowing(_ interest: Interest) -> Bool { interests.contains(interest) }

    public func follow(_ interest: Interest) {
        if interests.insert(interest).inserted { hub.add(interest, for: seat) }
    }

    public func unfollow(_ interest: Interest) {
        if interests.remove(interest) != nil { hub.remove(interest, for: seat) }
        guard case .ticket(let ticket) = interest else { return }
        backlogs.removeAll { $0.ticket == ticket }
        backlogEnds[ticket] = nil
    }

    /// Follows a ticket from a place in the log that everything else is past already: what happened to it from there on is given first,
    /// in its own order.
    public func follow(_ ticket: Ticket.ID, after place: Int) {
        guard interests.insert(.ticket(ticket)).inserted else { return }
        // What the hub has put at seats before is not at this one.
        let end = max(position, hub.add(.ticket(ticket), for: seat))
        guard place < end else { return }
        backlogs.append(Backlog(ticket: ticket, place: place, end: end))
        backlogEnds[ticket] = end
    }

    /// Goes back to a place in the log, and on from there, with all that is followed now. A place behind the end is the end.
    public func resume(after place: Int) {
        position = place
        isReading = true
        (backlogs, backlogEnds) = ([], [:])
    }

    /// The same person with another credential, from now on.
    public func renew(_ visitor: Visitor) {
        hub.move(seat, from: self.visitor.expiresAt, to: visitor.expiresAt)
        self.visitor = visitor
    }

    /// To be called at the end, and once.
    public func leave() {
        guard !hasLeft else { return }
        hasLeft = true
        hub.leave(seat, interests, endsAt: visitor.expiresAt)
    }

    // MARK: - What has come

    /// The same as `news()` without a wait: nil when the log has to be read first, or the credential to be looked at.
    public func newsAtHand() -> News? {
        while !isReading, backlogs.isEmpty, let found = seat.take() {
            signals += found.signals
            isReading = found.isBehind
            let events = theirs(found.events)
            position = max(position, found.events.last?.event.seq ?? 0)
            if !events.isEmpty { return .events(events) }
            if !isReading { return takeSignals() }
        }
        return nil
    }

    /// What has come, a part at a time; `.none` when there is no more. Throws a `StorageFault` when the log could not be read; nothing
    /// is lost to who asks again.
    public func news() async throws -> News {
        while true {
            if seat.takesStale(), try await !isStillWelcome() { return .dismissed }
            if isReading || !backlogs.isEmpty {
                let events = backlogs.isEmpty ? try await readOn() : try await readBacklog()
                if !events.isEmpty { return .events(events) }
                // Whoever has left reads no further.
                try Task.checkCancellation()
                continue
            }
            if let news = newsAtHand() { return news }
        }
    }

    private func takeSignals() -> News {
        defer { signals = [] }
        guard caller.isStaff else { return .none }
        let theirs = signals.filter { $0.person != caller.id && sees($0.ticket) }
        return theirs.isEmpty ? .none : .signals(theirs)
    }

    /// Whether they see a ticket that they follow, as far as is known.
    public func sees(_ ticket: Ticket.ID) -> Bool { !hidden.contains(ticket) }

    /// The next page of the log, of which nothing may be theirs.
    private func readOn() async throws -> [SharedEvent] {
        let delivered = hub.position
        guard position <= delivered else {
            // Seen on another node, which had come further, or by asking: the hub comes there too. But who has seen more than there is
            // has seen another log, and begins now.
            if position > delivered, try await position > hub.desk.survey(for: .server, { look in try await look.lastEvent() }) {
                position = delivered
            }
            isReading = false
            return []
        }
        var slice = SliceRequest()
        slice.limit = SliceRequest.mostItems
        // Reads of one tick may share a snapshot that is older than what the hub has delivered.
        let isFresh = try await hub.desk.read { look in try await look.lastEvent() } < delivered
        let page = try await hub.desk.events(question, slice, as: caller, isFresh: isFresh)
        let events = theirs(page.items.map { SharedEvent($0) })
        isReading = page.next != nil
        position = max(position, page.next?.key ?? max(page.items.last?.seq ?? 0, delivered))
        return events
    }

    /// The next page of the first backlog.
    private func readBacklog() async throws -> [SharedEvent] {
        let backlog = backlogs[0]
        var question = EventQuestion()
        question.after = backlog.place
        question.ticket = .id(backlog.ticket)
        var slice = SliceRequest()
        slice.limit = SliceRequest.mostItems
        do {
            let page = try await hub.desk.events(question, slice, as: caller, isFresh: true)
            let place = page.next?.key ?? backlog.end
            if place < backlog.end { backlogs[0].place = place } else { backlogs.removeFirst() }
            return page.items.filter { $0.seq <= backlog.end }.map { SharedEvent($0) }
        } catch DeskError.notFound {
            // It is not theirs to see any more.
            backlogs.removeFirst()
            return []
        }
    }

    /// What to ask the log for.
    private var question: EventQuestion {
        var question = EventQuestion()
        question.after = position
        if interests.contains(.everything) || interests.contains(.tickets(of: caller.id)) { return question }
        question.tickets = interests.compactMap { if case .ticket(let ticket) = $0 { ticket } else { nil } }
        question.isOwn = true
        return question
    }

    /// Those that are news to them and that they may see. Where a ticket's standing has changed on the way, what it is now counts for all.
    private func theirs(_ events: [SharedEvent]) -> [SharedEvent] {
        let news = events.filter { shared in
            shared.event.seq > position && !isOfBacklog(shared.event) && shared.interests.contains { interests.contains($0) }
        }
        for event in news.map(\.event) {
            guard let ticket = event.ticket else { continue }
            if event.standing.map({ caller.maySee($0) }) ?? caller.isAdmin { hidden.remove(ticket) } else { hidden.insert(ticket) }
        }
        guard !hidden.isEmpty else { return news.filter { caller.maySee($0.event) } }
        defer { hidden = hidden.filter { interests.contains(.ticket($0)) } }
        return news.filter { caller.maySee($0.event) && $0.event.ticket.map(sees) ?? true }
    }

    private func isOfBacklog(_ event: Event) -> Bool {
        guard !backlogEnds.isEmpty, event.recipient == nil, let ticket = event.ticket, let end = backlogEnds[ticket] else { return false }
        return event.seq <= end
    }

    /// Looks the caller up anew. They stay as long as the credential is good and their role is the same: with another they would have
    /// been told other things, and come back for them.
    private func isStillWelcome() async throws -> Bool {
        do {
            let visitor = try await hub.desk.visitor(with: self.visitor.credential)
            guard visitor.caller.role == caller.role else { return false }
            renew(visitor)
            return true
        } catch DeskError.unauthorized {
            return false
        } catch {
            seat.callerChanged()
            throw error
        }
    }
}

extension Look {
    fileprivate func lastEvent() async throws -> Int { try await db.lastSeq() }
}
