internal import Domain
internal import HTTP
public import Helpdesk

/// Finds who brings a credential, and refuses to look at any more of a network that brings too many which are no good.
///
/// To look at one costs more than to refuse it: a token is decoded and its signature checked, a key is looked up in the database. Every way
/// in goes through here: header fields, queries, and the frames of sockets that are open already.
public final class CredentialCheck: Sendable {
    /// So many times as often as somebody may try to sign in, a network may bring a credential that is no good: tokens of a whole office
    /// end within the same minute, and each of its pages may notice that by several requests at once.
    static let factor = 10

    private let desk: Desk
    /// 0 = no limit.
    private let mostPerMinute: Int
    /// Milliseconds since 1970.
    private let now: @Sendable () -> Int
    private let refused = PeriodCounts(of: PeriodCounts.minute)
    private let proven = ProvenCredentials()

    /// - Parameter signInsPerMinute: how often somebody may try to sign in; 0 = no limit.
    public init(_ desk: Desk, signInsPerMinute: Int, now: @escaping @Sendable () -> Int) {
        self.desk = desk
        self.now = now
        mostPerMinute = signInsPerMinute * Self.factor
    }

    /// Who brings this credential. Throws `.unauthorized` when it is no good, and 429 when its network brought too many such.
    func caller(with credential: [UInt8], from network: String) async throws -> Caller {
        try await counted(credential, network) { try await desk.caller(with: credential) }
    }

    /// Who brings this credential to read what happens, for as long as they stay. Throws as above, and `.forbidden` for an API key that is
    /// not for reading.
    func reader(with credential: [UInt8], from network: String) async throws -> Visitor {
        let visitor = try await counted(credential, network) { try await desk.visitor(with: credential) }
        try visitor.caller.mustBeAllowedToRead()
        return visitor
    }

    /// Who asks, by the header or else by the token of the query; nil for who has yet to say it.
    func reader(of request: Request, _ token: String?) async throws -> Visitor? {
        let network = request.networkText
        if let credential = request.withBearer({ [UInt8]($0) }) { return try await reader(with: credential, from: network) }
        guard let token else { return nil }
        return try await reader(with: Array(token.utf8), from: network)
    }

    private func counted<Found>(_ credential: [UInt8], _ network: String, _ find: () async throws -> Found) async throws -> Found {
        guard mostPerMinute > 0 else { return try await find() }
        let time = now()
        guard refused.sum(of: network, at: time) < mostPerMinute || proven.contains(credential) else {
            throw Refusal.rateLimit("\(mostPerMinute) per 1 minute", retryAfter: PeriodCounts.secondsLeft(at: time))
        }
        do {
            let found = try await find()
            proven.insert(credential)
            return found
        } catch DeskError.unauthorized(let why) {
            // One that was good until now has ended, as all do: that is no guess.
            if !proven.remove(credential) { _ = refused.count(network, at: time) }
            throw DeskError.unauthorized(why)
        }
    }
}
