public import Domain
internal import Storage

/// Somebody who reads the log as it grows: each event once, in order, as long as they may see it.
///
/// Between what is in the log already and what the hub brings is no gap: a seat is taken first, the log is read up to there, and what
/// the hub brought meanwhile follows. A seat that overflowed is given up and taken anew, in the same way.
///
/// It belongs to one task, which is woken when there is news.
public final class Follower {
    public enum News {
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
    /// Whether the place may be behind the log's end, as nobody has looked yet.
    private var isPlaceDoubtful = false
    private var signals: [Signal] = []
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
        isReading = position < now
        isPlaceDoubtful = position > now
        hub.wake(seat, at: visitor.expiresAt)
    }

    public var caller: Caller { visitor.caller }

    // MARK: - What they want

    public func isFollowing(_ interest: Interest) -> Bool { interests.contains(interest) }

    /// How many interests there are, to be bounded by who takes them.
    public var interestCount: Int { interests.count }

    public func follow(_ interest: Interest) {
        if interests.insert(interest).inserted { hub.add(interest, for: seat) }
    }

    public func unfollow(_ interest: Interest) {
        if interests.remove(interest) != nil { hub.remove(interest, for: seat) }
    }

    /// Goes back to a place in the log, and on from there.
    public func resume(after place: Int) {
        position = place
        isReading = true
        isPlaceDoubtful = position > hub.position
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

    /// What has come, a part at a time; `.none` when there is no more. Throws a `StorageFault` when the log could not be read; nothing
    /// is lost to who asks again.
    public func news() async throws -> News {
        if seat.takesStale(), try await !isStillWelcome() { return .dismissed }
        if isPlaceDoubtful { try await checkPlace() }
        while true {
            if isReading {
                let events = try await readOn()
                if !events.isEmpty { return .events(events) }
                continue
            }
            let found = seat.take()
            signals += found.signals
            isReading = found.isBehind
            let events = found.events.filter { isNews($0.event) }
            position = max(position, found.events.last?.event.seq ?? 0)
            if !events.isEmpty { return .events(events) }
            if !isReading { return takeSignals() }
        }
    }

    /// Who has seen more than this node comes from one that has looked later. Who has seen more than there is has seen another log, such
    /// as one that was restored since, and begins now.
    private func checkPlace() async throws {
        position = min(position, try await hub.desk.read { look in try await look.db.lastEvent() })
        isPlaceDoubtful = false
    }

    private func takeSignals() -> News {
        guard !signals.isEmpty else { return .none }
        defer { signals = [] }
        return caller.isStaff ? .signals(signals.filter { $0.person != caller.id }) : .none
    }

    /// The next page of the log, of which nothing may be theirs.
    private func readOn() async throws -> [SharedEvent] {
        var question = EventQuestion()
        question.after = position
        question.tickets = interests.contains(.everything) || interests.contains(.tickets(of: caller.id)) ? [] : tickets
        var slice = SliceRequest()
        slice.limit = SliceRequest.mostItems
        let page = try await hub.desk.events(question, slice, as: caller)
        let events = page.items.filter { isNews($0) }
        position = max(position, page.next?.key ?? page.items.last?.seq ?? 0)
        isReading = page.next != nil
        return events.map { SharedEvent($0) }
    }

    private var tickets: [Ticket.ID] {
        interests.compactMap { if case .ticket(let ticket) = $0 { ticket } else { nil } }
    }

    private func isNews(_ event: Event) -> Bool {
        guard event.seq > position, event.interests.contains(where: { interests.contains($0) }) else { return false }
        if caller.maySee(event) { return true }
        // A ticket that they see no longer tells them nothing any more, not even who types.
        if let ticket = event.ticket, !event.isPrivate { unfollow(.ticket(ticket)) }
        return false
    }

    /// Looks the caller up anew. They stay as long as the credential is good and they may do no less than before.
    private func isStillWelcome() async throws -> Bool {
        do {
            let visitor = try await hub.desk.visitor(with: self.visitor.credential)
            guard visitor.caller.role >= caller.role else { return false }
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

extension Connection {
    /// The highest number in the log, settled or not; 0 when it is empty.
    fileprivate func lastEvent() async throws -> Int {
        try await first("SELECT COALESCE(max(e.seq), 0) FROM events e") { $0.int() } ?? 0
    }
}
