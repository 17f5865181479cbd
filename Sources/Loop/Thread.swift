internal import CLinux
internal import Glibc

/// A thread of the system with a name, to be joined once.
public final class Thread: Sendable {
    private let handle: pthread_t

    private final class Body: Sendable {
        let name: String
        let niceness: Int32
        let run: @Sendable () -> Void

        init(name: String, niceness: Int32, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.niceness = niceness
            self.run = run
        }
    }

    /// Starts a thread. A machine that can start no thread cannot go on, so that is a trap and not an error.
    /// - Parameter niceness: how far it gives way to others when all want the processor: 0 as all do, 19 the most.
    public init(named name: String, niceness: Int = 0, _ run: @escaping @Sendable () -> Void) {
        var handle = pthread_t()
        let body = Unmanaged.passRetained(Body(name: name, niceness: Int32(min(max(niceness, 0), 19)), run: run))
        let result = pthread_create(
            &handle, nil,
            { raw in
                guard let raw else { return nil }
                let body = Unmanaged<Body>.fromOpaque(raw).takeRetainedValue()
                linux_name_thread(body.name)
                if body.niceness > 0 { linux_nice_thread(body.niceness) }
                let signalStack = linux_begin_signal_stack()
                body.run()
                linux_end_signal_stack(signalStack)
                return nil
            }, body.toOpaque())
        precondition(result == 0, "no thread could be started (error \(result))")
        self.handle = handle
    }

    /// Waits until the thread has ended.
    public func join() { pthread_join(handle, nil) }
}
