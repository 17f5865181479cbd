import Synchronization

/// Counts how many of several at once succeeded.
final class Wins: Sendable {
    private let sum = Atomic<Int>(0)

    var count: Int { sum.load(ordering: .relaxed) }
    func add() { sum.add(1, ordering: .relaxed) }
}
