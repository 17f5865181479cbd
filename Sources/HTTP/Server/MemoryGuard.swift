internal import Synchronization

/// Watches how much memory the process has, and says when it is too much: then new connections and bodies are refused, long before the
/// system would end the process.
///
/// Somebody calls `look()` a few times a second; `isShort` may be asked by every thread at any time, and costs a load.
public final class MemoryGuard: Sendable {
    /// Bytes in RAM from which nothing more is taken.
    public let limit: Int
    private let short = Atomic<Bool>(false)
    private let last = Atomic<Int>(0)
    private let begun = Atomic<Int>(0)
    private let measure: @Sendable () -> Int

    /// - Parameter measure: gives the bytes that the process has in RAM.
    public init(limit: Int, measure: @escaping @Sendable () -> Int) {
        self.limit = limit
        self.measure = measure
    }

    /// Whether more is taken than may be.
    public var isShort: Bool { short.load(ordering: .relaxed) }

    /// What the last look found.
    public var residentBytes: Int { last.load(ordering: .relaxed) }

    /// How often it has become short so far.
    public var timesShort: Int { begun.load(ordering: .relaxed) }

    public enum Change: Sendable {
        case none
        case becameShort
        case recovered
    }

    /// Measures. Ends a shortage only when a twentieth of the limit is free again, so that it does not come and go with each request.
    /// For one thread at a time.
    public func look() -> Change {
        let bytes = measure()
        last.store(bytes, ordering: .relaxed)
        if !isShort, bytes > limit {
            short.store(true, ordering: .relaxed)
            begun.wrappingAdd(1, ordering: .relaxed)
            return .becameShort
        }
        if isShort, bytes < limit - limit / 20 {
            short.store(false, ordering: .relaxed)
            return .recovered
        }
        return .none
    }
}
