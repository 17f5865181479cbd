internal import CLinux
internal import Glibc
internal import Synchronization

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
        let result = pthread_create(&handle, nil, { raw in
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

/// A mutex with a condition: a queue's lock when somebody sleeps until it is filled.
//
// `@unchecked Sendable`: `state` is reached with `lock` held, and nowhere else.
final class Monitor<State>: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var state: State

    init(_ state: State) {
        self.state = state
        lock = .allocate(capacity: 1)
        lock.initialize(to: pthread_mutex_t())
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(lock, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(lock)
        condition.deallocate()
        lock.deallocate()
    }

    /// Changes the state, and wakes one sleeper.
    func change<Result>(_ body: (inout State) -> Result) -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        let result = body(&state)
        pthread_cond_signal(condition)
        return result
    }

    /// Changes the state, and wakes every sleeper.
    func changeForAll(_ body: (inout State) -> Void) {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        body(&state)
        pthread_cond_broadcast(condition)
    }

    /// Sleeps until `take` finds something.
    func wait<Result>(for take: (inout State) -> Result?) -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while true {
            if let result = take(&state) { return result }
            pthread_cond_wait(condition, lock)
        }
    }
}
