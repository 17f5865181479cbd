import Helpdesk
import Loop

/// Has the hub follow the log: whenever this node has written to it, and otherwise four times a second, which is how other nodes'
/// events are found when nothing tells of them.
struct HubService: Service {
    let name = "hub"
    private let hub: Hub
    private let alarm: Alarm
    private let log: Log
    private static let interval: UInt64 = 250_000_000

    init(_ hub: Hub, on loop: EventLoop, _ log: Log) {
        self.hub = hub
        self.log = log
        alarm = Alarm(on: loop)
    }

    func run() async throws {
        let alarm = alarm
        let hub = hub
        // A node that nobody is connected to has no need to look at every commit.
        let listener = hub.desk.bell.listen { if hub.count > 0 { alarm.ring() } }
        defer { hub.desk.bell.leave(listener) }
        var isFailing = false
        while !Task.isCancelled {
            do {
                while try await hub.step() {}
                if isFailing { log.info("the event log is followed again") }
                isFailing = false
            } catch {
                // The database is away: who is connected hears of everything when it is back.
                if !isFailing { log.warn("the event log cannot be followed", ["fault": .text("\(error)")]) }
                isFailing = true
            }
            await alarm.sleep(nanoseconds: Self.interval)
        }
    }
}
