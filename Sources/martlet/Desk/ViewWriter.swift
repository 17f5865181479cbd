import Helpdesk
import Loop

/// Writes down every few seconds how often articles were read, so that no reader waits for it.
final class ViewWriter: Service {
    let name = "articles' views"
    private let desk: Desk
    private let alarm: Alarm
    private let report: @Sendable (any Error) -> Void

    init(_ desk: Desk, on loop: EventLoop, report: @escaping @Sendable (any Error) -> Void) {
        self.desk = desk
        self.report = report
        alarm = Alarm(on: loop)
    }

    /// Goes on until it is cancelled, and writes what was counted last then. What cannot be written is tried again the next time.
    func run() async {
        repeat {
            await alarm.sleep(nanoseconds: 3_000_000_000)
            do { try await desk.writeViews() } catch { report(error) }
        } while !Task.isCancelled
    }
}
