internal import Glibc

/// A value behind a lock of pthreads. Not `Synchronization.Mutex`: the thread sanitizer cannot see that one's futex on
/// Linux, and would report each use of it as a race.
//
// `@unchecked Sendable`: `value` is reached with `lock` held, and nowhere else.
public final class Locked<Value>: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    public init(_ value: Value) {
        self.value = value
        lock = .allocate(capacity: 1)
        lock.initialize(to: pthread_mutex_t())
        pthread_mutex_init(lock, nil)
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    /// Runs `body` while nobody else has the value.
    public func withLock<Result, Failure: Error>(_ body: (inout Value) throws(Failure) -> Result) throws(Failure) -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body(&value)
    }

    /// Sleeps until the value is as `isSo` says, or for so long. Whether it is. Blocks the thread.
    func wait(on condition: Condition, milliseconds: Int, until isSo: (Value) -> Bool) -> Bool {
        let end = MonotonicClock.now &+ UInt64(min(max(milliseconds, 0), 3_600_000)) &* 1_000_000
        var deadline = timespec(tv_sec: Int(end / 1_000_000_000), tv_nsec: Int(end % 1_000_000_000))
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while !isSo(value) {
            if pthread_cond_timedwait(condition.condition, lock, &deadline) == ETIMEDOUT { return isSo(value) }
        }
        return true
    }

    /// Sleeps until `take` finds something in the value. It looks again each time that `condition` is signalled. Blocks the thread.
    func wait<Result>(on condition: Condition, for take: (inout Value) -> Result?) -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while true {
            if let result = take(&value) { return result }
            pthread_cond_wait(condition.condition, lock)
        }
    }
}

/// Where threads sleep until a locked value has what they need: `Locked.wait`. Whoever changes the value signals afterwards.
final class Condition: Sendable {
    // The pointer never changes, and what is behind it is the system's to guard.
    fileprivate nonisolated(unsafe) let condition: UnsafeMutablePointer<pthread_cond_t>

    init() {
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        // A wait with an end must not become longer or shorter when somebody sets the machine's clock.
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
    }

    /// Wakes one sleeper.
    func signal() { pthread_cond_signal(condition) }

    /// Wakes every sleeper.
    func signalAll() { pthread_cond_broadcast(condition) }
}
