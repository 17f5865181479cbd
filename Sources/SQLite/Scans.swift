internal import Loop
internal import Storage

/// A few lanes for questions that take long, each with its own connection. A question goes where the fewest wait.
final class Scans: Sendable {
    private let lanes: [ScanLane]

    init(_ file: DatabaseFile, _ gate: ScanGate) {
        lanes = (0..<max(1, file.options.scanLanes)).map { ScanLane(file, gate, index: $0) }
    }

    func add(_ errand: any AnyErrand) { lanes.min { $0.load < $1.load }?.add(errand) }

    /// Answers an errand that has not begun yet. Nothing happens to one that has.
    func giveUp(_ errand: any AnyErrand) {
        guard lanes.contains(where: { $0.remove(errand) }) else { return }
        errand.fail(StorageFault.timeout)
        errand.answer()
    }

    func close() async {
        for lane in lanes { await lane.close() }
    }
}

/// One of the lanes. Each question has a transaction of its own, so that it sees one moment.
//
// `@unchecked Sendable`: `link` is touched on the lane only.
private final class ScanLane: @unchecked Sendable {
    private let file: DatabaseFile
    private let gate: ScanGate
    private let lane: Lane
    private let pump: Pump
    private let queue: LaneQueue
    private let running = Locked(0)
    private var link: SQLiteLink?

    init(_ file: DatabaseFile, _ gate: ScanGate, index: Int) {
        self.file = file
        self.gate = gate
        // Whoever waits for a loop waits for microseconds, and for a scan much longer: so loops go before.
        lane = Lane(named: "sqlite-scan-\(index)", niceness: 14)
        pump = Pump(on: lane)
        queue = LaneQueue(on: lane, bound: 128)
    }

    /// How many wait or run here.
    var load: Int { queue.count + running.withLock { $0 } }

    func add(_ errand: any AnyErrand) { queue.add(errand) { [self] in drain() } }

    /// Whether it waited here; now it does not.
    func remove(_ errand: any AnyErrand) -> Bool { queue.remove(errand) }

    func close() async {
        await queue.close()
        lane.stop()
        link = nil
    }

    private func drain() {
        while gate.enter(orElse: { [self] in lane.submit { [self] in drain() } }) {
            let errand = queue.take(1).first
            if let errand {
                running.withLock { $0 = 1 }
                perform(errand)
                running.withLock { $0 = 0 }
            }
            gate.leave()
            guard let errand else { return }
            errand.answer()
        }
    }

    private func perform(_ errand: any AnyErrand) {
        if errand.cancellation?.isCancelled == true { return errand.fail(CancellationError()) }
        if let deadline = errand.deadline, deadline <= MonotonicClock.now { return errand.fail(StorageFault.timeout) }
        do throws(StorageFault) {
            let link = try opened()
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

    private func opened() throws(StorageFault) -> SQLiteLink {
        if let link { return link }
        let opened = try SQLiteLink(file, .scan)
        link = opened
        return opened
    }

    /// Takes the link into the task.
    //
    // `@unchecked Sendable`: the task begins and stays on the lane.
    private struct Place: @unchecked Sendable {
        let link: SQLiteLink
    }
}
