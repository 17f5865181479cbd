import Loop

/// Something that has to be done now and then: once at the start, and then again and again; what is gathered in memory, such as counts,
/// once more at the end. What goes wrong is logged and tried again the next time; a chore never ends the server.
///
/// A chore that deletes what is old skips a turn when the clock was set by more than an hour since the last one: what a wrong clock calls old
/// must not be gone before somebody has put it right.
struct Chore: Service {
    let name: String
    private let alarm: Alarm
    private let seconds: UInt64
    private let isDoneAtEnd: Bool
    private let deletes: Bool
    private let clock: @Sendable () -> (wall: Int64, counted: UInt64)
    private let log: Log
    private let work: @Sendable () async throws -> Void

    init(
        _ name: String, every seconds: UInt64, andAtEnd isDoneAtEnd: Bool = false, deletes: Bool = false, on loop: EventLoop, _ log: Log,
        clock: @escaping @Sendable () -> (wall: Int64, counted: UInt64) = { (MonotonicClock.wallMilliseconds, MonotonicClock.sinceBoot) },
        _ work: @escaping @Sendable () async throws -> Void
    ) {
        self.name = name
        self.seconds = seconds
        self.isDoneAtEnd = isDoneAtEnd
        self.deletes = deletes
        self.clock = clock
        self.log = log
        self.work = work
        alarm = Alarm(on: loop)
    }

    func run() async throws {
        var jump = ClockJump()
        while !Task.isCancelled {
            if mayRun(&jump) { await turn() }
            await alarm.sleep(nanoseconds: seconds * 1_000_000_000)
        }
        if isDoneAtEnd { await turn() }
    }

    private func mayRun(_ jump: inout ClockJump) -> Bool {
        guard deletes else { return true }
        let now = clock()
        let milliseconds = jump.look(wall: now.wall, counted: now.counted)
        guard milliseconds.magnitude > 3_600_000 else { return true }
        log.warn(
            "the clock was set: a chore that deletes what is old skips a turn",
            ["chore": .text(name), "seconds": .number(Int(milliseconds / 1000))])
        return false
    }

    private func turn() async {
        do {
            try await work()
        } catch {
            log.warn("a chore failed", ["chore": .text(name), "fault": .text("\(error)")])
        }
    }
}
