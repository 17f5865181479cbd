internal import Loop

/// Runs a task on a lane's thread from beginning to end before it comes back, unless the task waits for something.
///
/// The task's jobs come to this executor, which keeps them for the one who pumps; so whether a task is done when `run` comes back
/// depends on the task alone. `Task.immediate` does not promise as much: about half of those begun inside another task were put off.
/// A task that did wait goes on in the lane once what it waited for is there.
final class Pump: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var isPumping = false
    }

    private let state = Locked(State())
    private let lane: Lane

    init(on lane: Lane) { self.lane = lane }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let mustWake = state.withLock { state in
            state.jobs.append(job)
            defer { state.isPumping = true }
            return !state.isPumping
        }
        if mustWake { lane.submit { [self] in pump() } }
    }

    /// Begins `body` and runs it as far as it goes. On the lane only.
    func run(_ body: @escaping @Sendable () async -> Void) {
        state.withLock { $0.isPumping = true }
        Task(executorPreference: self) { await body() }
        pump()
    }

    private func pump() {
        while let job = next() { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    private func next() -> UnownedJob? {
        state.withLock { state in
            if state.jobs.isEmpty {
                state.isPumping = false
                return nil
            }
            return state.jobs.removeFirst()
        }
    }
}
