internal import Loop
internal import Storage

/// A few lanes for questions that take long, each with its own connection. Who asks a lot waits for their own questions: one of each
/// owner's runs at a time, and owners take turns.
final class Scans: Sendable {
    private struct State {
        var queue = TurnQueue<any AnyErrand>(bound: 256, boundEach: 32)
        /// Lanes that have nothing to do.
        var idle: [ScanLane] = []
        var isClosed = false
    }

    private let state: Locked<State>
    private let lanes: [ScanLane]

    /// Opens every lane's connection at once: later there may be no descriptor left for it.
    init(_ file: DatabaseFile, _ gate: ScanGate) throws(StorageFault) {
        var lanes: [ScanLane] = []
        do throws(StorageFault) {
            for index in 0..<max(1, file.options.scanLanes) { lanes.append(try ScanLane(file, gate, index: index)) }
        } catch {
            for lane in lanes { lane.stop() }
            throw error
        }
        self.lanes = lanes
        state = Locked(State(idle: lanes))
    }

    /// Whether the next question would be refused, whoever's it is.
    var isFull: Bool { state.withLock { $0.queue.isFull } }

    /// Adds an errand, and sees to it that a lane takes it when it is its turn. One that cannot be taken is answered with why.
    func add(_ errand: any AnyErrand, of owner: ScanOwner) {
        var refusal: StorageFault?
        let lane: ScanLane? = state.withLock { state in
            if state.isClosed {
                refusal = .unavailable("it is being closed")
            } else if !state.queue.add(errand, of: owner) {
                refusal = .busy("too many slow questions wait")
            }
            return refusal == nil && state.queue.hasNext ? state.idle.popLast() : nil
        }
        if let refusal {
            errand.fail(refusal)
            errand.answer()
        }
        lane?.work(for: self)
    }

    /// Answers an errand that has not begun yet. Nothing happens to one that has.
    func giveUp(_ errand: any AnyErrand) {
        guard !state.withLock({ $0.queue.remove { $0 === errand } }).isEmpty else { return }
        errand.fail(StorageFault.timeout)
        errand.answer()
    }

    /// The errand whose turn it is; nil when the lane has nothing to do until it is given something.
    fileprivate func next(for lane: ScanLane) -> (item: any AnyErrand, owner: ScanOwner)? {
        state.withLock { state in
            if let next = state.queue.next() { return next }
            state.idle.append(lane)
            return nil
        }
    }

    fileprivate func finish(_ owner: ScanOwner) { state.withLock { $0.queue.finish(owner) } }

    func releaseUnusedMemory() { for lane in lanes { lane.releaseUnusedMemory() } }

    /// Lets what waits run, and takes no more.
    func close() async {
        state.withLock { $0.isClosed = true }
        // A lane that is at work goes on until nothing may begin, and this comes after it.
        for lane in lanes { await lane.rest() }
        for lane in lanes { lane.stop() }
    }
}

/// One of the lanes. Each question has a transaction of its own, so that it sees one moment.
//
// `@unchecked Sendable`: `link` is touched on the lane only, after `init`.
fileprivate final class ScanLane: @unchecked Sendable {
    private let file: DatabaseFile
    private let gate: ScanGate
    private let lane: Lane
    private let pump: Pump
    private var link: SQLiteLink?

    init(_ file: DatabaseFile, _ gate: ScanGate, index: Int) throws(StorageFault) {
        link = try SQLiteLink(file, .scan)
        self.file = file
        self.gate = gate
        // Whoever waits for a loop waits for microseconds, and for a scan much longer: so loops go before.
        lane = Lane(named: "sqlite-scan-\(index)", niceness: 14)
        pump = Pump(on: lane)
    }

    /// Takes one errand after the other until none may begin.
    func work(for scans: Scans) { lane.submit { [self] in drain(scans) } }

    func releaseUnusedMemory() { lane.submit { [self] in link?.releaseUnusedMemory() } }

    /// Returns when the lane has done what it was given.
    func rest() async { await lane.run {} }

    /// Ends the lane's thread, and its connection.
    func stop() {
        lane.stop()
        link = nil
    }

    private func drain(_ scans: Scans) {
        while gate.enter(orElse: { [self] in work(for: scans) }) {
            let next = scans.next(for: self)
            if let next {
                perform(next.item)
                scans.finish(next.owner)
            }
            gate.leave()
            guard let next else { return }
            next.item.answer()
        }
    }

    private func perform(_ errand: any AnyErrand) {
        if errand.cancellation?.isCancelled == true { return errand.fail(CancellationError()) }
        if let deadline = errand.deadline, deadline <= MonotonicClock.now { return errand.fail(StorageFault.timeout) }
        do throws(StorageFault) {
            guard let link else { throw .unavailable("it is being closed") }
            try link.say(.begin)
            run(errand, on: link)
            link.rollBack()
        } catch {
            errand.fail(error)
        }
    }

    /// As in `Writer`: the task is done when it comes back, or its body has awaited something else and is left behind.
    private func run(_ errand: any AnyErrand, on link: SQLiteLink) {
        let round = Round(from: 0)
        let place = Place(link: link)
        pump.run {
            let turn = place.link.begin(errand.cancellation, until: errand.deadline)
            round.isInBody = true
            let isDone = await errand.run(Connection(place.link))
            if round.isOver { return }
            round.isInBody = false
            switch place.link.end(turn) {
            case .sound: break
            case .stopped: errand.fail(errand.cancellation?.isCancelled == true ? CancellationError() : place.link.fault ?? .timeout)
            case .failed(let fault): if isDone { errand.fail(fault) }
            }
        }
        guard round.isInBody else { return }
        if file.options.trapsAtStrays { assertionFailure("the body of a scan awaited something other than its connection") }
        round.isOver = true
        link.abandon()
        errand.fail(StorageFault.broken("a body awaited something other than its connection"))
    }

    /// Takes the link into the task.
    //
    // `@unchecked Sendable`: the task begins and stays on the lane.
    private struct Place: @unchecked Sendable {
        let link: SQLiteLink
    }
}
