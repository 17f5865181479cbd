import Loop

/// Something that has to be done now and then: once at the start, and then again and again; what is gathered in memory, such as counts,
/// once more at the end. What goes wrong is logged and tried again the next time; a chore never ends the server.
struct Chore: Service {
    let name: String
    private let alarm: Alarm
    private let seconds: UInt64
    private let isDoneAtEnd: Bool
    private let log: Log
    private let work: @Sendable () async throws -> Void

    init(
        _ name: String, every seconds: UInt64, andAtEnd isDoneAtEnd: Bool = false, on loop: EventLoop, _ log: Log,
        _ work: @escaping @Sendable () async throws -> Void
    ) {
        self.name = name
        self.seconds = seconds
        self.isDoneAtEnd = isDoneAtEnd
        self.log = log
        self.work = work
        alarm = Alarm(on: loop)
    }

    func run() async throws {
        while !Task.isCancelled {
            await turn()
            await alarm.sleep(nanoseconds: seconds * 1_000_000_000)
        }
        if isDoneAtEnd { await turn() }
    }

    private func turn() async {
        do {
            try await work()
        } catch {
            log.warn("a chore failed", ["chore": .text(name), "fault": .text("\(error)")])
        }
    }
}
