internal import CLinux
internal import Glibc

/// A thread of the system with a name, to be joined once.
public final class Thread: Sendable {
    private let handle: pthread_t

    private final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// Starts a thread. A machine that can start no thread cannot go on, so that is a trap and not an error.
    public init(named name: String, _ run: @escaping @Sendable () -> Void) {
        var handle = pthread_t()
        let body = Unmanaged.passRetained(Body(name: name, run: run))
        let result = pthread_create(
            &handle, nil,
            { raw in
                guard let raw else { return nil }
                let body = Unmanaged<Body>.fromOpaque(raw).takeRetainedValue()
                linux_name_thread(body.name)
                body.run()
                return nil
            }, body.toOpaque())
        precondition(result == 0, "no thread could be started (error \(result))")
        self.handle = handle
    }

    /// Waits until the thread has ended.
    public func join() { pthread_join(handle, nil) }
}
