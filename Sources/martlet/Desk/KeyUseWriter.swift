import Helpdesk
import Loop

/// Writes down every few seconds when API keys were last used, so that no request waits for it.
final class KeyUseWriter: Service {
    let name = "API keys' last use"
    private let desk: Desk
    private let alarm: Alarm
    private let report: @Sendable (any Error) -> Void

    init(_ desk: Desk, on loop: EventLoop, report: @escaping @Sendable (any Error) -> Void) {
        self.desk = desk
        self.report = report
        alarm = Alarm(on: loop)
    }

    /// Goes on until it is cancelled, and writes the last uses then. What could not be written is dropped: the key's next use comes.
    func run() async {
        repeat {
            await alarm.sleep(nanoseconds: 5_000_000_000)
            do { try await desk.writeKeyUses() } catch { report(error) }
        } while !Task.isCancelled
    }
}
