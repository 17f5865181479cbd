import API
import Loop

/// Tells the log, once and loudly, when the server is not ready any more, when something does not work though the rest does, and when that is
/// over.
struct ReadinessService: Service {
    let name = "readiness"
    private let readiness: ReadinessCheck
    private let alarm: Alarm
    private let log: Log
    private static let interval: UInt64 = 2_000_000_000

    init(_ readiness: ReadinessCheck, on loop: EventLoop, _ log: Log) {
        self.readiness = readiness
        self.log = log
        alarm = Alarm(on: loop)
    }

    func run() async {
        var notes = ReadinessNotes()
        while !Task.isCancelled {
            for note in notes.take(await readiness.report()) {
                switch note {
                case .fault(let sentence): log.error("NOT READY", ["reason": .text(sentence)])
                case .shortage(let sentence): log.error("something does not work", ["reason": .text(sentence)])
                case .over(let sentence): log.info("this is over", ["reason": .text(sentence)])
                }
            }
            await alarm.sleep(nanoseconds: Self.interval)
        }
    }
}

/// What is new since the last report, so that each is told once: a pure value.
struct ReadinessNotes {
    enum Note: Equatable {
        case fault(String), shortage(String), over(String)
    }

    private var known: Set<String> = []

    mutating func take(_ report: ReadinessCheck.Report) -> [Note] {
        let all = Set(report.faults + report.shortages)
        defer { known = all }
        var notes: [Note] = []
        for fault in report.faults where !known.contains(fault) { notes.append(.fault(fault)) }
        for shortage in report.shortages where !known.contains(shortage) { notes.append(.shortage(shortage)) }
        for over in known.subtracting(all).sorted() { notes.append(.over(over)) }
        return notes
    }
}
