/// When a set of keys is fetched again. Without a clock of its own, so that a test can live through a day of it.
///
/// All in nanoseconds.
struct FetchPlan: Sendable {
    /// While all is well: how long a key that was taken back may still be believed.
    var usual: UInt64 = 600_000_000_000
    /// After a failure, with the last good set in hand.
    var afterFailure: UInt64 = 60_000_000_000
    /// After a failure with no set at all, which is often an issuer that is being started beside us.
    var withoutKeys: UInt64 = 5_000_000_000
    /// Between two fetches that somebody's token asked for: anybody can make up names of keys.
    var betweenWishes: UInt64 = 60_000_000_000

    /// The same as long as there is no set.
    var betweenTries: UInt64 = 1_000_000_000

    private var lastWish: UInt64?
    private var lastTry: UInt64?

    init() {}

    /// How long to rest after a fetch.
    func pause(hasSucceeded: Bool, hasKeys: Bool) -> UInt64 { hasSucceeded ? usual : hasKeys ? afterFailure : withoutKeys }

    /// Whether a fetch may be asked for at `now`; counts it when it may. Without any keys nothing is known of names yet, and the wish for
    /// the first set does not use up the one for a new key.
    mutating func grantsWish(at now: UInt64, hasKeys: Bool) -> Bool {
        if !hasKeys {
            if let lastTry, now &- lastTry < betweenTries { return false }
            lastTry = now
            return true
        }
        if let lastWish, now &- lastWish < betweenWishes { return false }
        lastWish = now
        return true
    }
}
