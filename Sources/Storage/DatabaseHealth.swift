internal import Synchronization

/// What a driver has learned of its database from the statements that failed, so that whoever asks whether the server is ready hears of it.
public final class DatabaseHealth: Sendable {
    private struct State {
        var isDamaged = false
        var lastFull: ContinuousClock.Instant?
        var lastDiskError: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    /// Whether there is something for a commit to clear, so that most commits take no lock.
    private let isClearable = Atomic<Bool>(false)

    /// How long a full or failing disk is told of when nothing is tried meanwhile.
    static let memory = Duration.seconds(30)

    public init() {}

    public func note(_ fault: StorageFault, at now: ContinuousClock.Instant = .now) {
        switch fault {
        case .damaged: state.withLock { $0.isDamaged = true }
        case .full: state.withLock { $0.lastFull = now }
        case .diskError: state.withLock { $0.lastDiskError = now }
        default: return
        }
        isClearable.store(true, ordering: .releasing)
    }

    /// A change was made: the disk has room, and takes it.
    public func noteCommit() {
        guard isClearable.load(ordering: .relaxed) else { return }
        isClearable.store(false, ordering: .relaxed)
        state.withLock { ($0.lastFull, $0.lastDiskError) = (nil, nil) }
    }

    public func problems(at now: ContinuousClock.Instant = .now) -> [DatabaseProblem] {
        let state = state.withLock { $0 }
        func isRecent(_ moment: ContinuousClock.Instant?) -> Bool { moment.map { now - $0 < Self.memory } ?? false }
        var problems: [DatabaseProblem] = []
        // A restart alone forgets this: what was read once as damaged may be read from a cache as sound.
        if state.isDamaged {
            problems.append(DatabaseProblem(.unusable, "The database is damaged: restore a backup, then restart the server"))
        }
        if isRecent(state.lastFull) {
            problems.append(DatabaseProblem(.limited, "The disk of the database is full: changes are refused until there is room"))
        }
        if isRecent(state.lastDiskError) { problems.append(DatabaseProblem(.unusable, "The disk of the database reports errors")) }
        return problems
    }
}
