internal import Loop
internal import Storage
internal import Synchronization

/// Links that one caller at a time has to itself: for transactions, or for slow queries. Made when they are first needed.
/// Loop only, but for `take` and `giveBack`.
//
// `@unchecked Sendable`: handed to the loop from other threads, touched by the loop's thread alone.
final class LinkPool: LinkOwner, @unchecked Sendable {
    private struct Caller {
        let continuation: UnsafeContinuation<ServerLink, any Error>
        let owner: ScanOwner
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
    private var callers: TurnQueue<Caller>
    /// How many callers wait, for other threads to see.
    private let waiting = Atomic<Int>(0)
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
        callers = TurnQueue(bound: rule.waitingBound, boundEach: 32)
    }

    /// Whether the next caller would be refused. From any thread.
    var isFull: Bool { waiting.load(ordering: .relaxed) >= rule.waitingBound }

    /// Makes the links that there may be, where none are yet: later there may be no descriptor left for them. Loop only.
    func fill() {
        shared.start()
        while !isClosed, open.count < rule.limit { connect() }
    }

    /// Lends a link. Throws `.unavailable` when there is no server or every link stays taken, `.timeout` when they do until a deadline that
    /// comes sooner. From any thread.
    ///
    /// - Parameter owner: of whom one caller at a time gets a link, unless it is the server itself.
    func take(for owner: ScanOwner = .server, until deadline: UInt64? = nil) async throws -> ServerLink {
        try await withUnsafeThrowingContinuation { continuation in
            if loop.isCurrent {
                lend(to: continuation, for: owner, until: deadline)
            } else {
                loop.submit { self.lend(to: continuation, for: owner, until: deadline) }
            }
        }
    }

    /// Takes a link back. From any thread.
    ///
    /// - Parameter isClean: whether the next may have it; otherwise it is closed.
    func giveBack(_ link: ServerLink, isClean: Bool = true) {
        if loop.isCurrent { put(link, isClean: isClean) } else { loop.submit { self.put(link, isClean: isClean) } }
    }

    private func lend(to continuation: UnsafeContinuation<ServerLink, any Error>, for owner: ScanOwner, until deadline: UInt64?) {
        shared.start()
        if isClosed || shared.outage != nil {
            let why = isClosed ? "the database was closed" : shared.outage ?? "the server cannot be had"
            return continuation.resume(throwing: StorageFault.unavailable(why))
        }
        let mayBegin = callers.mayBegin(owner)
        let usual = loop.now &+ patience
        let isSooner = deadline.map { $0 < usual } ?? false
        let caller = Caller(
            continuation: continuation, owner: owner, deadline: isSooner ? deadline ?? usual : usual, isSooner: isSooner)
        guard callers.add(caller, of: owner) else {
            return continuation.resume(throwing: StorageFault.busy("too many callers wait for a connection"))
        }
        if mayBegin, idle.isEmpty, rule.mayConnect(open: open.count) { connect() }
        serve()
        sweepLater()
    }

    private func connect() {
        let link = makeLink(self)
        open.append(link)
        link.connect()
    }

    /// Gives idle links to those whose turn it is.
    private func serve() {
        while !idle.isEmpty, let (caller, owner) = callers.next() {
            let link = idle.removeLast()
            link.holder = owner
            caller.continuation.resume(returning: link)
        }
        waiting.store(callers.count, ordering: .relaxed)
    }

    /// One timer for all who wait, but that whoever cannot wait so long sets another.
    private func sweepLater() {
        guard callers.count > 0, let first = callers.earliest(\.deadline), sweepsAt.map({ first < $0 }) ?? true else { return }
        sweepsAt = first
        loop.after(nanoseconds: first > loop.now ? first - loop.now : 1) { self.sweep(at: first) }
    }

    private func sweep(at deadline: UInt64) {
        if sweepsAt == deadline { sweepsAt = nil }
        for caller in callers.remove(where: { $0.deadline <= loop.now }) {
            caller.continuation.resume(throwing: caller.isSooner ? StorageFault.timeout : .busy("every connection stayed taken"))
        }
        waiting.store(callers.count, ordering: .relaxed)
        sweepLater()
    }

    private func put(_ link: ServerLink, isClean: Bool) {
        if let owner = link.holder { callers.finish(owner) }
        link.holder = nil
        guard isClean, !isClosed, link.isReady else {
            link.close()
            remove(link)
            return connectForCallers()
        }
        idle.append(link)
        serve()
    }

    /// After a link has gone, who waits must not wait for one that nobody makes.
    private func connectForCallers() {
        guard callers.hasNext, !isClosed, rule.mayConnect(open: open.count) else { return }
        connect()
    }

    private func remove(_ link: ServerLink) {
        open.removeAll { $0 === link }
        idle.removeAll { $0 === link }
    }

    func linkIsReady(_ link: ServerLink) { put(link, isClean: true) }

    func link(_ link: ServerLink, couldNotConnect why: String) {
        remove(link)
        // One link, one caller: others may yet get a link that is given back.
        if let (caller, owner) = callers.next() {
            callers.finish(owner)
            caller.continuation.resume(throwing: StorageFault.unavailable(why))
        }
        if open.isEmpty { refuseAll(why) }
        waiting.store(callers.count, ordering: .relaxed)
    }

    private func refuseAll(_ why: String) {
        for caller in callers.remove(where: { _ in true }) { caller.continuation.resume(throwing: StorageFault.unavailable(why)) }
    }

    func link(_ link: ServerLink, lostWith queries: [Query]) {
        // A link that is lent out stays counted until it is given back.
        if idle.contains(where: { $0 === link }) { remove(link) }
        for query in queries { query.fail(.unavailable("the connection was lost")) }
    }

    /// Lends nothing from now on.
    func refuse() { isClosed = true }

    /// Whether a link is lent out, or somebody waits for one.
    var isBusy: Bool { callers.count > 0 || open.contains { link in !idle.contains { $0 === link } } }

    /// Ends every session, also those that are lent out.
    func close() {
        isClosed = true
        for link in open { link.close() }
        refuseAll("the database was closed")
        (open, idle) = ([], [])
    }
}

/// How many links there may be, and how many may wait for one: a pure value.
struct PoolRule: Equatable, Sendable {
    /// How many links may be open at once.
    var limit: Int
    /// How many callers may wait.
    var waitingBound: Int

    func mayConnect(open: Int) -> Bool { open < limit }
}
