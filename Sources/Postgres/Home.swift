internal import Loop

/// All links of one loop.
final class Home: Sendable {
    let loop: EventLoop
    let shared: SharedLinks
    let writers: LinkPool
    let scanners: LinkPool

    init(on loop: EventLoop, to address: ServerAddress, _ lookUp: NameLookUp, _ limits: PostgresLimits) {
        func maker(_ rules: SessionRules) -> (any LinkOwner) -> ServerLink {
            { owner in ServerLink(on: loop, to: address, lookUp, rules, owner: owner) }
        }
        func pool(_ count: Int, _ rules: SessionRules) -> LinkPool {
            LinkPool(
                PoolRule(limit: max(count, 1), waitingBound: limits.waiting), patience: UInt64(limits.wait) * 1_000_000, on: loop,
                beside: shared, maker(rules))
        }
        self.loop = loop
        let shared = SharedLinks(count: limits.readLinks, on: loop, maker(limits.reading))
        self.shared = shared
        writers = pool(limits.writeLinks, limits.writing)
        scanners = pool(limits.scanLinks, limits.scanning)
    }
}

extension Home {
    /// Lets other transactions end before a body runs again, each time a little longer and never as long as its rival.
    func pause(before attempt: Int) async {
        let longest = UInt64(1_000_000) << UInt64(min(attempt, 6))
        let pause = UInt64.random(in: 0...longest)
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            if loop.isCurrent {
                loop.after(nanoseconds: pause) { continuation.resume() }
            } else {
                loop.submit { self.loop.after(nanoseconds: pause) { continuation.resume() } }
            }
        }
    }

    /// Refuses what comes from now on, and calls `done` when what was begun is over. Loop only.
    func close(_ done: @escaping () -> Void) {
        shared.refuse()
        writers.refuse()
        scanners.refuse()
        wait(done)
    }

    private func wait(_ done: @escaping () -> Void) {
        guard shared.isBusy || writers.isBusy || scanners.isBusy else {
            shared.close()
            writers.close()
            scanners.close()
            return done()
        }
        loop.after(nanoseconds: 2_000_000) { self.wait(done) }
    }
}
