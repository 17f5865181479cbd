internal import Synchronization

/// Which credentials were good here not long ago: so nobody is kept out by what others in their network try.
///
/// Kept as hashes, whose seed is drawn anew for each process: who does not know a credential finds none that has its hash.
final class ProvenCredentials: Sendable {
    /// Two halves, of which the older one is forgotten when the younger is full.
    private struct Halves {
        var young: Set<Int> = []
        var old: Set<Int> = []
    }

    private let mostInHalf: Int
    private let halves = Mutex(Halves())

    init(mostInHalf: Int = 20_000) { self.mostInHalf = mostInHalf }

    func contains(_ credential: [UInt8]) -> Bool {
        let hash = credential.hashValue
        return halves.withLock { $0.young.contains(hash) || $0.old.contains(hash) }
    }

    func insert(_ credential: [UInt8]) {
        let hash = credential.hashValue
        halves.withLock { halves in
            guard halves.young.insert(hash).inserted, halves.young.count >= mostInHalf else { return }
            halves = Halves(old: halves.young)
        }
    }

    /// Whether it was there.
    func remove(_ credential: [UInt8]) -> Bool {
        let hash = credential.hashValue
        return halves.withLock { halves in
            let (wasYoung, wasOld) = (halves.young.remove(hash) != nil, halves.old.remove(hash) != nil)
            return wasYoung || wasOld
        }
    }
}
