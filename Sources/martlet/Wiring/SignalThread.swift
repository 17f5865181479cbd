import Loop

/// Hears the system's signals from the first moment of a server, on a thread of its own: also while the server waits for its database, and
/// while its loops are busy.
final class SignalThread: Sendable {
    typealias Heard = @Sendable (Signal) -> Void

    /// Not the function itself: see `Locked`.
    private struct Listener {
        var heard: Heard
    }

    private let loop: EventLoop
    private let thread: Thread
    private let listener: Locked<Listener>

    /// Before any other thread is started: those that are started afterwards leave the signals to this one.
    init(_ heard: @escaping Heard) throws {
        let listener = Locked(Listener(heard: heard))
        let signals = try Signals()
        loop = try EventLoop()
        try signals.listen(on: loop) { signal in listener.withLock { $0 }.heard(signal) }
        thread = loop.start(named: "signals")
        self.listener = listener
    }

    /// From now on somebody else is told.
    func hear(_ heard: @escaping Heard) { listener.withLock { $0.heard = heard } }

    /// Ends the thread. Signals that come afterwards are not heard any more.
    func stop() {
        loop.stop()
        thread.join()
    }
}
