internal import CLinux
internal import Glibc

/// What the system may ask of a server.
public enum Signal: Sendable {
    /// `SIGTERM` or `SIGINT`: finish, and end.
    case stop
    /// `SIGHUP`: read certificates again.
    case reload
}

/// Signals as events of a loop. They must be taken before the first thread starts, so that every thread has them blocked.
public final class Signals: Watcher {
    private let descriptor: Int32
    private var registration: Registration?
    private var heard: (Signal) -> Void = { _ in }

    /// Blocks the signals in this thread and in those that it starts from now on.
    public init() throws(SystemFault) {
        linux_ignore_broken_pipes()
        descriptor = try SystemFault.check(linux_signal_descriptor(), "signalfd")
    }

    deinit { close(descriptor) }

    /// Calls `heard` on the loop for each signal. Loop only.
    public func listen(on loop: EventLoop, _ heard: @escaping (Signal) -> Void) throws(SystemFault) {
        self.heard = heard
        registration = try loop.watch(descriptor, for: .reading, self)
    }

    public func ready(_ readiness: Readiness) {
        while true {
            switch linux_next_signal(descriptor) {
            case 0: return
            case SIGHUP: heard(.reload)
            default: heard(.stop)
            }
        }
    }
}
