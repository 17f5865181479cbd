import Helpdesk
import Loop

/// Has a reader follow the log: when this node has written to it, and every now and then by itself. It rests between two looks, so that on
/// a busy desk a look takes many events at once and costs writers next to nothing.
struct LogReaderService: Service {
    let name: String
    private let reader: LogReader
    private let bell: LogBell
    private let alarm: Alarm
    private let rest: Alarm
    private let log: Log
    private static let interval: UInt64 = 500_000_000
    private static let pause: UInt64 = 50_000_000

    init(_ reader: LogReader, _ bell: LogBell, on loop: EventLoop, _ log: Log) {
        name = reader.name
        self.reader = reader
        self.bell = bell
        self.log = log
        alarm = Alarm(on: loop)
        rest = Alarm(on: loop)
    }

    func run() async throws {
        let alarm = alarm
        let listener = bell.listen { alarm.ring() }
        defer { bell.leave(listener) }
        var isFailing = false
        while !Task.isCancelled {
            do {
                while try await reader.step() {}
                if isFailing { log.info("the event log is read again", ["reader": .text(name)]) }
                isFailing = false
            } catch {
                // Nothing is lost: it goes on where it was when the database is back.
                if !isFailing { log.warn("the event log cannot be read", ["reader": .text(name), "fault": .text("\(error)")]) }
                isFailing = true
            }
            await rest.sleep(nanoseconds: Self.pause)
            await alarm.sleep(nanoseconds: Self.interval)
        }
    }
}
