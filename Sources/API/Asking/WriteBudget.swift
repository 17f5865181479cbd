internal import Domain
internal import HTTP

/// How much one person may have the desk store in an hour of the clock, whichever credential they bring.
///
/// A limit on requests alone would not bound that: a text may be large, and each change of it is kept in the event log for good. What is
/// counted is about what is stored: the body of a change, the object it is answered with, which the log keeps as it was then, and a
/// little for the rows around it. Uploads have bounds of their own (`MAX_UPLOAD_MB`, and how many files may wait for a comment), so of
/// them only their rows count here.
///
/// Each node counts for itself.
public final class WriteBudget: Sendable {
    /// What a change stores beside its texts, roughly: the rows of the event and of the lists and indexes.
    static let rows = 2048

    /// Bytes an hour; nil when anybody may write as much as they like.
    private let limit: Int?
    /// Milliseconds since 1970.
    private let now: @Sendable () -> Int
    private let counts = PeriodCounts(of: PeriodCounts.hour)

    /// - Parameter megabytes: what a person may write an hour, in MiB; 0 = no limit.
    public init(megabytes: Int, now: @escaping @Sendable () -> Int) {
        limit = megabytes > 0 ? megabytes << 20 : nil
        self.now = now
    }

    /// Counts a change that is about to be made, with what is known of its size so far. Throws 429 when the hour's budget is used up.
    func take(_ bytes: Int, by caller: Caller) throws {
        guard let limit else { return }
        let time = now()
        guard counts.count(caller.label, adding: bytes, at: time) > limit else { return }
        throw Refusal.tooMuchWritten(limit >> 20, retryAfter: counts.secondsLeft(at: time))
    }

    /// Counts what a change that was made has stored besides.
    func add(_ bytes: Int, by caller: Caller) {
        if limit != nil { counts.count(caller.label, adding: bytes, at: now()) }
    }

    /// The part of it that one request may draw on.
    func share(of caller: Caller) -> WriteShare? { limit == nil ? nil : WriteShare(budget: self, caller: caller) }
}

/// Counts what one request brings and gets against its caller's budget.
struct WriteShare: ByteCount {
    let budget: WriteBudget
    let caller: Caller

    func came(_ bytes: Int) throws { try budget.take(bytes, by: caller) }
    func answered(_ bytes: Int) { budget.add(bytes, by: caller) }
}

extension Refusal {
    fileprivate static func tooMuchWritten(_ megabytes: Int, retryAfter seconds: Int) -> Refusal {
        Refusal(
            .tooManyRequests, "You have written \(megabytes) MiB in this hour, which is the most that one may: please wait",
            fields: [.init("retry-after", String(seconds))])
    }
}
