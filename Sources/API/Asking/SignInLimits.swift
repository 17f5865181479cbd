internal import Codec
internal import Domain
internal import HTTP
public import Helpdesk

/// How often somebody may try to sign in, to register or to get a password: so many tries in a minute of the clock from one network, and
/// as many for one account, whoever tries, and whichever of its names they use. Every try counts, the good ones too. Nobody is kept out for
/// longer than that minute.
public final class SignInLimits: Sendable {
    /// Counts one more of a key in this minute and gives the sum. Where several nodes share their counts this asks a server.
    typealias Count = @Sendable (_ key: String, _ milliseconds: Int) async -> Int
    /// Whose account has this name.
    typealias Find = @Sendable (_ name: String) async throws -> Person.ID?

    private let perMinute: Int
    /// Milliseconds since 1970.
    private let now: @Sendable () -> Int
    private let count: Count
    private let find: Find

    /// - Parameters:
    ///   - perMinute: 0 = no limit.
    ///   - desk: knows whose account has which names.
    ///   - shared: what all nodes count together; nil when each counts for itself.
    public convenience init(
        perMinute: Int, of desk: Desk, shared: SharedCounts? = nil, now: @escaping @Sendable () -> Int
    ) {
        let counts = PeriodCounts(of: PeriodCounts.minute)
        self.init(perMinute: perMinute, now: now, find: { try await desk.accountID(named: $0) }) { key, time in
            if let shared { await shared.count(key, of: perMinute, at: time) } else { counts.count(key, at: time) }
        }
    }

    init(perMinute: Int, now: @escaping @Sendable () -> Int, find: @escaping Find, _ count: @escaping Count) {
        self.perMinute = perMinute
        self.now = now
        self.find = find
        self.count = count
    }

    /// Counts a try from the request's network. Throws 429 when there were too many.
    func count(networkOf request: Request) async throws { try await count("from \(request.networkText)", request) }

    /// Counts a try for an account, by any name of it. Throws 429 when there were too many. A name that no account has is counted
    /// too, so that the limit does not tell which there are.
    func count(account name: String, _ request: Request) async throws {
        guard perMinute > 0 else { return }
        if let person = try await find(name) { return try await count(person: person, request) }
        try await count("for \(Hex.encode(SHA256.digest(Array(Desk.key(ofName: name).utf8)).prefix(16)))", request)
    }

    /// Counts a try for an account whose owner is known. Throws 429 when there were too many.
    func count(person: Person.ID, _ request: Request) async throws { try await count("for \(person.text)", request) }

    private func count(_ key: String, _ request: Request) async throws {
        guard perMinute > 0 else { return }
        let time = now()
        let sum = await count(key, time)
        // Of network and account, what the caller is told is the one that is nearer its end.
        let before = request.answerFields.first { $0.name.description == "ratelimit-remaining" }.flatMap { Int($0.value) } ?? perMinute
        try request.tell(max(sum, perMinute - before), of: perMinute, secondsLeft: PeriodCounts.secondsLeft(at: time))
    }
}
