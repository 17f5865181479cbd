public import Domain
internal import Storage
internal import Synchronization

/// Tells those who are connected to this node what happens, as the log tells it.
///
/// One reader follows the log for all of them: at once after a commit of this node, when another node says that there is more, and by
/// itself a few times a second. It puts each event at the seats of those who wait for it, and waits for nobody.
public final class Hub: Sendable {
    public let desk: Desk

    fileprivate struct State {
        /// Everything up to here has been put where it belongs; nil as long as the log's end is not known.
        var position: Int?
        var seats: [Interest: [Seat]] = [:]
        var count = 0
        /// How many seats wait for what happens to tickets that somebody follows.
        var waitForFollowed = 0
        /// Whose credentials end, by the second in which they have.
        var endings: [Int: [ObjectIdentifier: Seat]] = [:]
        /// The last second in which it was looked whose have.
        var second = 0
    }

    private let state = Mutex(State())
    let attendances = Mutex(Attendances())
    /// How many events are read at once.
    private static let batch = 500

    public init(_ desk: Desk) { self.desk = desk }

    /// Whether the log's end is known.
    var isReady: Bool { state.withLock { $0.position != nil } }

    /// To be asked before somebody begins to follow. As long as nobody does, the log is looked at now and then only; and who begins now
    /// shall not be told what was before. Throws `.busy` as long as the log's end is not known.
    public func beReady() async throws {
        if count == 0, let settled = try await desk.tail.advance(desk) {
            state.withLock { state in
                if state.count == 0 { state.position = max(state.position ?? 0, settled) }
            }
        }
        guard isReady else { throw DeskError.busy("The event log is still being looked at") }
    }

    /// How many follow.
    public var count: Int { state.withLock { $0.count } }

    // MARK: - The log

    /// Puts the next events at their seats. Says whether there may be more already; if not, to be called again when the desk's bell has
    /// rung or some time has passed. One step at a time.
    public func step() async throws -> Bool {
        wakeWhoseCredentialsEnded()
        guard let settled = try await desk.tail.advance(desk) else { return false }
        guard let position = state.withLock({ $0.begin(at: settled) }) else { return false }
        let (rows, hasMore) = try await desk.read { look in try await look.db.news(after: position, upTo: settled, atMost: Self.batch) }
        let followers = try await followers(of: rows)
        for row in rows { deliver(row, followers) }
        // The position is the last row's that was seen, and not what somebody else found settled: this look may have seen less.
        return hasMore
    }

    /// Who follows the tickets that rows are about, when anybody waits for that.
    private func followers(of rows: [LoggedRow]) async throws -> [Ticket.ID: [Person.ID]] {
        guard state.withLock({ $0.waitForFollowed > 0 }) else { return [:] }
        let tickets = Array(Set(rows.compactMap { $0.event?.ticket }))
        guard !tickets.isEmpty else { return [:] }
        return try await desk.read { look in try await look.db.followers(of: tickets) }
    }

    private func deliver(_ row: LoggedRow, _ followers: [Ticket.ID: [Person.ID]]) {
        guard let event = row.event else { return state.withLock { $0.position = row.seq } }
        let shown = desk.attachmentLinks.shown(event, at: desk.outside.now())
        let shared = SharedEvent(shown, followers: event.ticket.flatMap { followers[$0] } ?? [])
        let stale = event.person.map { person in state.withLock { $0.seats[.person(person)] ?? [] } } ?? []
        if event.person != nil { desk.callers.forget() }
        for seat in stale { seat.callerChanged() }
        let seats = state.withLock { state in
            // Who takes a seat from here on does not get this one.
            state.position = row.seq
            return shared.interests.flatMap { state.seats[$0] ?? [] }
        }
        for seat in seats { seat.put(shared) }
    }

    private func wakeWhoseCredentialsEnded() {
        let second = desk.outside.now().milliseconds / 1000
        let seats = state.withLock { state in
            guard second != state.second else { return [Seat]() }
            state.second = second
            let due = state.endings.keys.filter { $0 <= second }
            return due.flatMap { state.endings.removeValue(forKey: $0)?.values.map { $0 } ?? [] }
        }
        for seat in seats { seat.callerChanged() }
    }

    // MARK: - Seats

    /// Gives a seat that gets what is behind the position that is returned. Throws `.busy` as long as the log's end is not known.
    func take(_ seat: Seat, for interests: [Interest]) throws(DeskError) -> Int {
        let position = state.withLock { state in
            if state.position != nil {
                for interest in interests { state.add(seat, to: interest) }
                state.count += 1
            }
            return state.position
        }
        guard let position else { throw .busy("The event log is still being looked at") }
        return position
    }

    /// Up to where everything has been put at its seat; what comes behind is put there.
    var position: Int { state.withLock { $0.position ?? 0 } }

    /// The seat gets what is behind the position that is returned.
    @discardableResult
    func add(_ interest: Interest, for seat: Seat) -> Int {
        state.withLock { state in
            state.add(seat, to: interest)
            return state.position ?? 0
        }
    }

    func remove(_ interest: Interest, for seat: Seat) {
        state.withLock { $0.remove(seat, from: interest) }
    }

    func leave(_ seat: Seat, _ interests: some Sequence<Interest>, endsAt: Moment) {
        state.withLock { state in
            for interest in interests { state.remove(seat, from: interest) }
            state.count -= 1
            state.forget(seat, endingAt: endsAt)
        }
    }

    /// Has the seat's session look at its caller again when the credential has ended.
    func wake(_ seat: Seat, at moment: Moment) {
        state.withLock { $0.endings[State.second(of: moment), default: [:]][ObjectIdentifier(seat)] = seat }
    }

    /// The same when the credential turns out to end at another moment than was known.
    func move(_ seat: Seat, from old: Moment, to new: Moment) {
        guard old != new else { return }
        state.withLock { $0.forget(seat, endingAt: old) }
        wake(seat, at: new)
    }

    // MARK: - Signals

    /// Tells what somebody does to the staff who are on that ticket, on whatever node, but not to whom it is about.
    public func tell(_ act: Signal.Act, by caller: Caller, on ticket: Ticket.ID) {
        let who = Attendance(ticket: ticket, person: caller.id, name: caller.name)
        desk.nodes.tell(act == .typing ? .typing : .viewing, [who])
        tellHere(Signal(act == .typing ? .typing : .viewing, who))
    }

    /// Tells it to those who are on this node.
    func tellHere(_ signal: Signal) {
        for seat in state.withLock({ $0.seats[.ticket(signal.ticket)] ?? [] }) { seat.put(signal) }
    }
}

extension Hub.State {
    /// Where to read on. Nil when there is nothing to read, or nobody to read it for.
    fileprivate mutating func begin(at settled: Int) -> Int? {
        guard let position, count > 0 else {
            position = settled
            return nil
        }
        return position < settled ? position : nil
    }

    fileprivate mutating func add(_ seat: Seat, to interest: Interest) {
        seats[interest, default: []].append(seat)
        if case .followed = interest { waitForFollowed += 1 }
    }

    fileprivate mutating func remove(_ seat: Seat, from interest: Interest) {
        guard let at = seats[interest]?.firstIndex(where: { $0 === seat }) else { return }
        if case .followed = interest { waitForFollowed -= 1 }
        if seats[interest]?.count == 1 {
            seats[interest] = nil
        } else {
            seats[interest]?.remove(at: at)
        }
    }

    fileprivate mutating func forget(_ seat: Seat, endingAt moment: Moment) {
        let second = Self.second(of: moment)
        endings[second]?[ObjectIdentifier(seat)] = nil
        if endings[second]?.isEmpty == true { endings[second] = nil }
    }

    /// The second in which a moment has passed.
    fileprivate static func second(of moment: Moment) -> Int { moment.milliseconds / 1000 + 1 }
}

extension Connection {
    func followers(of tickets: [Ticket.ID]) async throws -> [Ticket.ID: [Person.ID]] {
        let pairs = try await all("SELECT ticket_id, person_id FROM followers WHERE ticket_id IN \(list: tickets)") { row in
            (row.id(of: Ticket.self), row.id(of: Person.self))
        }
        return Dictionary(grouping: pairs, by: \.0).mapValues { $0.map(\.1) }
    }
}
