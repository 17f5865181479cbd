import Loop

/// The server's life on the calling thread: its first loop, its services, and the signals that end them.
struct Run {
    private let services: Services
    private let loops: [EventLoop]
    private let heard: @Sendable (Signal) -> Void
    private let hurry: @Sendable () -> Void

    /// - Parameter hurry: called when the server is told to stop once more.
    init(
        _ services: [any Service], on loops: [EventLoop], heard: @escaping @Sendable (Signal) -> Void, hurry: @escaping @Sendable () -> Void
    ) {
        self.services = Services(services, on: loops[0])
        self.loops = loops
        self.heard = heard
        self.hurry = hurry
    }

    /// Turns the first loop until the services have ended. Throws what ended them, unless it was a signal.
    func untilStopped(by signals: SignalThread) throws {
        let main = loops[0]
        let fault = Locked<(any Error)?>(nil)
        let task = main.spawn { [services, loops] in
            do {
                try await services.run()
            } catch {
                fault.withLock { $0 = error }
            }
            for loop in loops { loop.stop() }
        }
        signals.hear { [heard, hurry] signal in
            heard(signal)
            guard case .stop = signal else { return }
            if task.isCancelled { hurry() } else { task.cancel() }
        }
        main.run()
        if let fault = fault.withLock({ $0 }) { throw fault }
    }
}
