internal import Synchronization

/// What the bodies of requests that one loop holds may take together. What finds no room is answered 503: a server must say so while it
/// still can.
///
/// Taken by the loop; given back by whoever lets go of a body, on any thread.
final class BodyBudget: Sendable {
    private let used = Atomic<Int>(0)
    private let limit: Int
    private let memory: MemoryGuard?

    init(limit: Int, memory: MemoryGuard? = nil) {
        self.limit = limit
        self.memory = memory
    }

    var usedBytes: Int { used.load(ordering: .relaxed) }

    /// A place for so many bytes, which is given back with the last reference to it. Throws 503 when there is none.
    func place(for bytes: Int) throws -> BodyPlace {
        if memory?.isShort == true { throw Self.full }
        guard used.wrappingAdd(bytes, ordering: .relaxed).newValue <= limit else {
            giveBack(bytes)
            throw Self.full
        }
        return BodyPlace(bytes, of: self)
    }

    fileprivate func giveBack(_ bytes: Int) { used.wrappingSubtract(bytes, ordering: .relaxed) }

    private static var full: Refusal { .unavailable("Too much is being sent to the server at the moment", retryAfter: 5) }
}

/// Room that a body has in its loop's budget.
final class BodyPlace: Sendable {
    private let bytes: Int
    private let budget: BodyBudget

    fileprivate init(_ bytes: Int, of budget: BodyBudget) {
        self.bytes = bytes
        self.budget = budget
    }

    deinit { budget.giveBack(bytes) }
}
