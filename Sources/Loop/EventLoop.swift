internal import CLinux
internal import Glibc
internal import Synchronization

/// One thread that waits for sockets and runs the tasks that prefer it.
///
/// A server has one loop a core. A connection, its timers and the task that serves it live on one loop from accept to close,
/// so nothing on a request's path takes a lock or changes threads. A task comes here with
/// `Task(executorPreference: loop)`; a continuation resumed from anywhere brings it back here.
///
/// Whatever is marked "loop only" may be called on the loop's thread alone (before `run()`: on the thread that will call it), and a
/// debug build checks it.
//
// `@unchecked Sendable`: `inbox`, `owner`, `figures` and `isStopping` are safe from every thread by their own types; every
// other stored property is touched by the loop's thread alone.
public final class EventLoop: TaskExecutor, SerialExecutor, @unchecked Sendable {
    /// What other threads hand over.
    private struct Inbox {
        var jobs: [UnownedJob] = []
        var work: [@Sendable () -> Void] = []
        /// Whether the wake-up descriptor was written since the loop last looked, so that many senders pay for one write.
        var isSignalled = false
    }

    private struct Slot {
        var watcher: (any Watcher)?
        var generation: UInt32 = 0
    }

    private let epoll: Int32
    private let wakeUp: Int32
    private let inbox = Locked(Inbox())
    private let owner = Atomic<UInt>(0)
    private let isStopping = Atomic<Bool>(false)
    public let figures = Figures()

    private var ready: ContiguousArray<UnownedJob> = []
    private var running: ContiguousArray<UnownedJob> = []
    private var takenJobs: [UnownedJob] = []
    private var takenWork: [@Sendable () -> Void] = []
    private var slots: ContiguousArray<Slot> = []
    private var freeSlots: ContiguousArray<Int> = []
    /// Which slot watches a descriptor now; -1 for none. A library may close a descriptor behind our back, and the next `accept` gives
    /// its number to a stranger: what is left of the old watch must not touch the new one.
    private var owners: ContiguousArray<Int> = []
    private var endOfTick: ContiguousArray<any Flushable> = []
    private var flushing: ContiguousArray<any Flushable> = []
    private var timers = TimerHeap()

    /// Nanoseconds of the monotonic clock when the present tick began: good enough for deadlines, and free. Loop only.
    public private(set) var now: UInt64

    /// The token of the wake-up descriptor; no slot has it, since indices stay far below.
    private static let wakeUpToken = UInt64.max

    /// Makes a loop that `run()` will turn. Throws when the process may open no more descriptors.
    public init() throws(SystemFault) {
        now = MonotonicClock.now
        epoll = try SystemFault.check(epoll_create1(Int32(EPOLL_CLOEXEC)), "epoll_create1")
        wakeUp = try SystemFault.check(eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC)), "eventfd")
        try SystemFault.checkNegated(
            linux_epoll_control(epoll, EPOLL_CTL_ADD, wakeUp, Self.wakeUpToken, EPOLLIN.rawValue), "epoll_ctl")
    }

    deinit {
        close(epoll)
        close(wakeUp)
    }

    // MARK: - Running

    /// Turns the loop on the calling thread until `stop()`; what was handed over before that still runs. Timers whose time
    /// has not come by then are cancelled.
    public func run() {
        owner.store(UInt(pthread_self()), ordering: .releasing)
        var events = ContiguousArray(repeating: linux_ready(), count: Int(LINUX_READY_BATCH))
        var isLast = false
        while true {
            let count = events.withUnsafeMutableBufferPointer {
                Int(linux_epoll_wait(epoll, $0.baseAddress, isLast ? 0 : timeout()))
            }
            now = MonotonicClock.now
            figures.begin(tick: now)
            for index in 0..<max(count, 0) { dispatch(events[index]) }
            for timer in timers.takeDue(at: now) { timer.fire() }
            takeInbox()
            runJobs()
            flush()
            figures.count(tick: MonotonicClock.now &- now)
            if isLast && ready.isEmpty && endOfTick.isEmpty { break }
            isLast = isStopping.load(ordering: .acquiring)
        }
        // Nothing else would let go of what they hold, which is often the loop itself.
        for timer in timers.takeDue(at: .max) { timer.cancel() }
        owner.store(0, ordering: .releasing)
    }

    /// Turns the loop on a thread of its own, and returns that thread.
    public func start(named name: String) -> Thread { Thread(named: name) { self.run() } }

    /// Ends `run()` after the present tick. From any thread.
    public func stop() {
        isStopping.store(true, ordering: .releasing)
        submit {}
    }

    @inlinable public var isCurrent: Bool { isOwner() }

    @usableFromInline func isOwner() -> Bool { owner.load(ordering: .relaxed) == UInt(pthread_self()) }

    private var isIdle: Bool { owner.load(ordering: .relaxed) == 0 }

    /// How long epoll may wait: not at all while anything that was put off is still to be done.
    private func timeout() -> Int32 {
        if !ready.isEmpty || !endOfTick.isEmpty { return 0 }
        guard let next = timers.earliest else { return -1 }
        let current = MonotonicClock.now
        if next <= current { return 0 }
        return Int32(clamping: (next - current + 999_999) / 1_000_000)
    }

    private func dispatch(_ event: linux_ready) {
        if event.token == Self.wakeUpToken {
            var value: UInt64 = 0
            _ = read(wakeUp, &value, 8)
            return
        }
        let index = Int(event.token & 0xFFFF_FFFF)
        // An event of a descriptor that an earlier event of this batch has closed is dropped here.
        guard slots[index].generation == UInt32(truncatingIfNeeded: event.token >> 32), let watcher = slots[index].watcher else { return }
        watcher.ready(Readiness(rawValue: event.events))
    }

    private func takeInbox() {
        inbox.withLock { inbox in
            guard inbox.isSignalled else { return }
            inbox.isSignalled = false
            swap(&inbox.jobs, &takenJobs)
            swap(&inbox.work, &takenWork)
        }
        if !takenJobs.isEmpty {
            ready.append(contentsOf: takenJobs)
            takenJobs.removeAll(keepingCapacity: true)
        }
        if !takenWork.isEmpty {
            let work = takenWork
            takenWork.removeAll(keepingCapacity: true)
            for action in work { action() }
        }
    }

    /// Runs what is ready, and what that makes ready, but goes back to the sockets after a few rounds:
    /// tasks that feed each other must not starve the rest.
    private func runJobs() {
        for _ in 0..<16 where !ready.isEmpty {
            swap(&ready, &running)
            for job in running {
                job.runSynchronously(on: asUnownedTaskExecutor())
            }
            running.removeAll(keepingCapacity: true)
        }
    }

    private func flush() {
        guard !endOfTick.isEmpty else { return }
        swap(&endOfTick, &flushing)
        for item in flushing { item.flush() }
        flushing.removeAll(keepingCapacity: true)
    }

    // MARK: - Work

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isOwner() { return ready.append(job) }
        signal { $0.jobs.append(job) }
    }

    /// Runs `work` on the loop, in a later tick or later in this one. From any thread.
    public func submit(_ work: @escaping @Sendable () -> Void) {
        signal { $0.work.append(work) }
    }

    /// Starts a task that lives on this loop. The only way in which the layers above make one that nobody waits for: a connection's.
    public func spawn(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task(executorPreference: self) { await body() }
    }

    /// Waits until the loop has looked at its sockets and sent what waits: for a task of this loop that has much to do, and does it in
    /// pieces so that others are served in between.
    public func nextTick() async {
        await withUnsafeContinuation { continuation in submit { continuation.resume() } }
    }

    private func signal(_ add: (inout Inbox) -> Void) {
        let mustWake = inbox.withLock { inbox in
            add(&inbox)
            defer { inbox.isSignalled = true }
            return !inbox.isSignalled
        }
        if mustWake {
            var one: UInt64 = 1
            _ = write(wakeUp, &one, 8)
        }
    }

    /// Calls `item.flush()` once at the end of this tick. Sockets that were written by many requests of one tick are
    /// sent once: this is what makes pipelining and database links cheap. Loop only.
    public func flushAtEndOfTick(_ item: any Flushable) {
        assert(isCurrent || isIdle)
        endOfTick.append(item)
    }

    // MARK: - Descriptors

    /// Tells `watcher` when `descriptor` becomes ready, until the registration is removed. Loop only.
    public func watch(_ descriptor: Int32, for interest: Readiness, _ watcher: any Watcher) throws(SystemFault) -> Registration {
        assert(isCurrent || isIdle)
        let index: Int
        if let free = freeSlots.popLast() {
            index = free
        } else {
            index = slots.count
            slots.append(Slot())
        }
        slots[index].watcher = watcher
        let registration = Registration(descriptor: descriptor, index: index, generation: slots[index].generation)
        let result = linux_epoll_control(epoll, EPOLL_CTL_ADD, descriptor, registration.token, interest.rawValue)
        if result < 0 {
            release(index)
            throw SystemFault(number: -result, call: "epoll_ctl")
        }
        setOwner(index, of: descriptor)
        return registration
    }

    /// Changes what a registration waits for. False when it watches nothing any more: it was removed, or its descriptor was closed.
    /// Loop only.
    @discardableResult
    public func change(_ registration: Registration, to interest: Readiness) -> Bool {
        assert(isCurrent || isIdle)
        guard isWatching(registration) else { return false }
        return linux_epoll_control(epoll, EPOLL_CTL_MOD, registration.descriptor, registration.token, interest.rawValue) == 0
    }

    /// Removes a registration. The descriptor is the caller's to close, after this. Loop only.
    public func unwatch(_ registration: Registration) {
        assert(isCurrent || isIdle)
        guard slots[registration.index].generation == registration.generation else { return }
        if isWatching(registration) { _ = linux_epoll_control(epoll, EPOLL_CTL_DEL, registration.descriptor, 0, 0) }
        forget(registration)
    }

    /// Removes a registration whose descriptor has been closed already, by a library that owns it. Closing has removed it from epoll, and
    /// its number may be somebody else's by now, so the system is asked nothing. Loop only.
    public func forget(_ registration: Registration) {
        assert(isCurrent || isIdle)
        guard slots[registration.index].generation == registration.generation else { return }
        if isWatching(registration) { owners[Int(registration.descriptor)] = -1 }
        release(registration.index)
    }

    /// Whether the descriptor's watch is this registration's, and not that of a later one with the same number.
    private func isWatching(_ registration: Registration) -> Bool {
        slots[registration.index].generation == registration.generation && owners[Int(registration.descriptor)] == registration.index
    }

    private func setOwner(_ index: Int, of descriptor: Int32) {
        // epoll has taken it, so it is no negative number.
        while owners.count <= Int(descriptor) { owners.append(-1) }
        owners[Int(descriptor)] = index
    }

    private func release(_ index: Int) {
        slots[index].watcher = nil
        slots[index].generation &+= 1
        freeSlots.append(index)
    }

    // MARK: - Time

    /// Calls `action` on the loop once `nanoseconds` have passed, unless the timer is cancelled before. Loop only.
    @discardableResult
    public func after(nanoseconds: UInt64, _ action: @escaping () -> Void) -> LoopTimer {
        assert(isCurrent || isIdle)
        let timer = LoopTimer(deadline: MonotonicClock.now &+ nanoseconds, action)
        timers.insert(timer)
        return timer
    }
}
