internal import Domain
internal import Glibc
internal import Synchronization

/// The callers of the last second, by their credentials, so that a busy client's token is checked and looked up once a second and not
/// with each request. A second is how long a dismissed agent may still get an answer; what happens on this node counts at once.
final class KnownCallers: Sendable {
    static let lifetime = 1000
    private static let most = 20_000

    private struct Entry {
        let credential: [UInt8]
        let caller: Caller
        let readAt: Moment
        let expiresAt: Moment
    }

    private struct State {
        var entries: [Int: Entry] = [:]
        /// Counts up when what was read before may be wrong now.
        var generation = 0
    }

    private let state = Mutex(State())

    /// The caller with this credential, if it was looked up less than a second ago.
    func caller(with credential: UnsafeRawBufferPointer, at now: Moment) -> Caller? {
        let key = Self.key(credential)
        return state.withLock { state in
            guard let entry = state.entries[key], Self.areEqual(entry.credential, credential) else { return nil }
            guard now.milliseconds - entry.readAt.milliseconds < Self.lifetime, now >= entry.readAt, now < entry.expiresAt else {
                return nil
            }
            return entry.caller
        }
    }

    /// To be asked before a caller is looked up, and given back with what was found.
    var generation: Int { state.withLock { $0.generation } }

    /// Keeps a caller who was looked up at `now`, unless something changed meanwhile.
    func keep(_ caller: Caller, _ credential: [UInt8], readAt now: Moment, until expiresAt: Moment, generation: Int) {
        let key = credential.withUnsafeBytes { Self.key($0) }
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.entries.count >= Self.most { Self.sweep(&state, at: now) }
            state.entries[key] = Entry(credential: credential, caller: caller, readAt: now, expiresAt: expiresAt)
        }
    }

    /// Forgets everybody: somebody's role, sign-in or standing has changed. It is rare, and looking all up again is cheap.
    func forget() {
        state.withLock { state in
            state.generation += 1
            state.entries.removeAll(keepingCapacity: true)
        }
    }

    private static func sweep(_ state: inout State, at now: Moment) {
        state.entries = state.entries.filter { now.milliseconds - $0.value.readAt.milliseconds < lifetime }
        if state.entries.count >= most { state.entries.removeAll(keepingCapacity: true) }
    }

    private static func areEqual(_ kept: [UInt8], _ sent: UnsafeRawBufferPointer) -> Bool {
        kept.withUnsafeBytes { kept in
            guard kept.count == sent.count, let left = kept.baseAddress, let right = sent.baseAddress else { return false }
            return memcmp(left, right, sent.count) == 0
        }
    }

    private static func key(_ bytes: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: bytes)
        return hasher.finalize()
    }
}
