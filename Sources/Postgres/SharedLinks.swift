internal import Loop
internal import Storage

/// The few links of a loop on which all its reads travel together, and the watch over whether the server is there.
///
/// A link that is lost is made again at once, and then ever more slowly. While a link is being made for the first time since
/// the last one worked, reads wait for it; once an attempt has failed and no link is left, they fail at once, until one is back.
/// Loop only.
//
// `@unchecked Sendable`: handed to the loop from other threads, touched by the loop's thread alone.
final class SharedLinks: LinkOwner, @unchecked Sendable {
    private struct Place {
        var link: ServerLink?
        var backoff = Backoff(longest: 500_000_000)
    }

    private let loop: EventLoop
    private let makeLink: (any LinkOwner) -> ServerLink
    private var places: ContiguousArray<Place>
    private var waiting: [Query] = []
    private var isClosed = false
    private var hasStarted = false
    /// Why the server cannot be had; nil while it can, or may.
    private(set) var outage: String?
    private var random = SystemRandomNumberGenerator()

    /// As many as the loop's connections may ask for in the time of an attempt to connect, and then some.
    private static let waitingBound = 4096

    init(count: Int, on loop: EventLoop, _ makeLink: @escaping (any LinkOwner) -> ServerLink) {
        self.loop = loop
        self.makeLink = makeLink
        places = ContiguousArray(repeating: Place(), count: max(count, 1))
    }

    /// Connects. Again and again, from then on, until `close()`.
    func start() {
        guard !hasStarted, !isClosed else { return }
        hasStarted = true
        for index in places.indices { tryToConnect(index) }
    }

    /// Sends a read from any thread.
    func ask(_ query: Query) {
        if loop.isCurrent { send(query) } else { loop.submit { self.send(query) } }
    }

    /// Sends a read on the link that has least to do.
    func send(_ query: Query) {
        start()
        if isClosed && !query.wasLost { return query.fail(.unavailable("the database was closed")) }
        if let link = leastBusy() { return link.send(query) }
        if let outage { return query.fail(.unavailable(outage)) }
        if isClosed { return query.fail(.unavailable("the database was closed")) }
        guard waiting.count < Self.waitingBound else { return query.fail(.unavailable("too many reads wait for a connection")) }
        waiting.append(query)
    }

    private func leastBusy() -> ServerLink? {
        var best: ServerLink?
        var least = Int.max
        for place in places {
            guard let link = place.link, link.isReady else { continue }
            let count = link.pipeline.count
            if count < least { (best, least) = (link, count) }
        }
        return best
    }

    private func tryToConnect(_ index: Int) {
        let pause = places[index].backoff.next(using: &random)
        guard pause > 0 else { return connect(index) }
        loop.after(nanoseconds: pause) { [weak self] in self?.connect(index) }
    }

    private func connect(_ index: Int) {
        guard !isClosed else { return }
        let link = makeLink(self)
        places[index].link = link
        link.connect()
    }

    private func place(of link: ServerLink) -> Int? { places.firstIndex { $0.link === link } }

    func linkIsReady(_ link: ServerLink) {
        if let index = place(of: link) { places[index].backoff.reset() }
        outage = nil
        let queries = waiting
        waiting = []
        for query in queries { send(query) }
    }

    func link(_ link: ServerLink, couldNotConnect why: String) {
        guard let index = place(of: link) else { return }
        places[index].link = nil
        if leastBusy() == nil {
            outage = why
            for query in waiting { query.fail(.unavailable(why)) }
            waiting = []
        }
        tryToConnect(index)
    }

    func link(_ link: ServerLink, lostWith queries: [Query]) {
        if let index = place(of: link) {
            places[index].link = nil
            tryToConnect(index)
        }
        for query in queries {
            guard query.mayRepeat, !query.wasLost else {
                query.fail(.unavailable("the connection was lost"))
                continue
            }
            query.wasLost = true
            send(query)
        }
    }

    /// Takes no more reads.
    func refuse() { isClosed = true }

    /// Whether a read that was taken has had no answer.
    var isBusy: Bool { !waiting.isEmpty || places.contains { $0.link.map { !$0.pipeline.isEmpty } ?? false } }

    /// Ends every session. Reads that have had no answer fail.
    func close() {
        isClosed = true
        for place in places { place.link?.close() }
        for index in places.indices { places[index].link = nil }
        for query in waiting { query.fail(.unavailable("the database was closed")) }
        waiting = []
    }
}
