internal import Loop
internal import Storage

/// Links that one caller at a time has to itself: for transactions, or for slow queries. Made when they are first needed.
/// Loop only, but for `take` and `giveBack`.
//
// `@unchecked Sendable`: handed to the loop from other threads, touched by the loop's thread alone.
final class LinkPool: LinkOwner, @unchecked Sendable {
    private struct Caller {
        let continuation: UnsafeContinuation<ServerLink, any Error>
        let deadline: UInt64
        /// Whether that is sooner than callers usually wait.
        let isSooner: Bool
    }

    private let loop: EventLoop
    private let rule: PoolRule
    private let patience: UInt64
    private let shared: SharedLinks
    private let makeLink: (any LinkOwner) -> ServerLink
    private var idle: ContiguousArray<ServerLink> = []
    private var open: ContiguousArray<ServerLink> = []
    private var callers: [Caller] = []
    private var sweepsAt: UInt64?
    private var isClosed = false

    /// - Parameter patience: nanoseconds that a caller may wait for a link.
    init(
        _ rule: PoolRule, patience: UInt64, on loop: EventLoop, beside shared: SharedLinks,
        _ makeLink: @escaping (any LinkOwner) -> ServerLink
    ) {
        self.loop = loop
        self.rule = rule
        self.patience = patience
        self.shared = shared
        self.makeLink = makeLink
    }

    /// Lends a link. Throws `.unavailable` when there is no server or every link stays taken, `.timeout` when they do until a deadline that
    /// comes sooner. From any thread.
    func take(until deadline: UInt64? = nil) async throws -> ServerLink {
        try await withUnsafeThrowingContinuation { continuation in
            if loop.isCurrent {
                lend(to: continuation, until: deadline)
            } else {
                loop.submit { self.lend(to: continuation, until: deadline) }
            }
        }
    }

    /// Takes a link back. From any thread.
    ///
    /// - Parameter isClean: whether the next may have it; otherwise it is closed.
    func giveBack(_ link: ServerLink, isClean: Bool = true) {
        if loop.isCurrent { put(link, isClean: isClean) } else { loop.submit { self.put(link, isClean: isClean) } }
    }

    private func lend(to continuation: UnsafeContinuation<ServerLink, any Error>, until deadline: UInt64?) {
        shared.start()
        let isOut = isClosed || shared.outage != nil
        switch rule.decide(idle: idle.count, open: open.count, waiting: callers.count, isOut: isOut) {
        case .take: continuation.resume(returning: idle.removeLast())
        case .connect:
            wait(continuation, until: deadline)
            let link = makeLink(self)
            open.append(link)
            link.connect()
        case .wait: wait(continuation, until: deadline)
        case .refuse:
            let why = isClosed ? "the database was closed" : shared.outage ?? "too many callers wait for a connection"
            continuation.resume(throwing: StorageFault.unavailable(why))
        }
    }

    private func wait(_ continuation: UnsafeContinuation<ServerLink, any Error>, until deadline: UInt64?) {
        let usual = loop.now &+ patience
        let isSooner = deadline.map { $0 < usual } ?? false
        callers.append(Caller(continuation: continuation, deadline: isSooner ? deadline ?? usual : usual, isSooner: isSooner))
        sweepLater()
    }

    /// One timer for all who wait, but that whoever cannot wait so long sets another.
    private func sweepLater() {
        guard let first = callers.map(\.deadline).min(), sweepsAt.map({ first < $0 }) ?? true else { return }
        sweepsAt = first
        loop.after(nanoseconds: first > loop.now ? first - loop.now : 1) { self.sweep(at: first) }
    }

    private func sweep(at deadline: UInt64) {
        if sweepsAt == deadline { sweepsAt = nil }
        let late = callers.filter { $0.deadline <= loop.now }
        callers.removeAll { $0.deadline <= loop.now }
        for caller in late {
            caller.continuation.resume(throwing: caller.isSooner ? StorageFault.timeout : .unavailable("every connection stayed taken"))
        }
        sweepLater()
    }

    private func put(_ link: ServerLink, isClean: Bool) {
        guard isClean, !isClosed, link.isReady else {
            link.close()
            remove(link)
            return connectForCallers()
        }
        guard !callers.isEmpty else { return idle.append(link) }
        callers.removeFirst().continuation.resume(returning: link)
    }

    /// After a link has gone, who waits must not wait for one that nobody makes.
    private func connectForCallers() {
        guard !callers.isEmpty, !isClosed, open.count < rule.limit else { return }
        let link = makeLink(self)
        open.append(link)
        link.connect()
    }

    private func remove(_ link: ServerLink) {
        open.removeAll { $0 === link }
        idle.removeAll { $0 === link }
    }

    func linkIsReady(_ link: ServerLink) { put(link, isClean: true) }

    func link(_ link: ServerLink, couldNotConnect why: String) {
        remove(link)
        // One link, one caller: others may yet get a link that is given back.
        if !callers.isEmpty { callers.removeFirst().continuation.resume(throwing: StorageFault.unavailable(why)) }
        if open.isEmpty {
            for caller in callers { caller.continuation.resume(throwing: StorageFault.unavailable(why)) }
            callers = []
        }
    }

    func link(_ link: ServerLink, lostWith queries: [Query]) {
        // A link that is lent out stays counted until it is given back.
        if idle.contains(where: { $0 === link }) { remove(link) }
        for query in queries { query.fail(.unavailable("the connection was lost")) }
    }

    /// Lends nothing from now on.
    func refuse() { isClosed = true }

    /// Whether a link is lent out, or somebody waits for one.
    var isBusy: Bool { !callers.isEmpty || open.contains { link in !idle.contains { $0 === link } } }

    /// Ends every session, also those that are lent out.
    func close() {
        isClosed = true
        for link in open { link.close() }
        for caller in callers { caller.continuation.resume(throwing: StorageFault.unavailable("the database was closed")) }
        (open, idle, callers) = ([], [], [])
    }
}

/// Whether who asks for a link gets one, has one made, or waits: a pure value.
struct PoolRule: Equatable, Sendable {
    enum Decision: Equatable { case take, connect, wait, refuse }

    /// How many links may be open at once.
    var limit: Int
    /// How many callers may wait.
    var waitingBound: Int

    /// - Parameter isOut: whether the server is known to be gone.
    func decide(idle: Int, open: Int, waiting: Int, isOut: Bool) -> Decision {
        if isOut { return .refuse }
        if idle > 0 { return .take }
        if waiting >= waitingBound { return .refuse }
        return open < limit ? .connect : .wait
    }
}
