internal import Codec
public import Domain
internal import Storage

/// Somebody who votes without a credential: known for a day by the network that they ask from.
public struct AnonymousVoter: Sendable {
    let network: String
    let provider: String

    /// - Parameters:
    ///   - network: an address, or the IPv6 network that one customer of a provider has.
    ///   - provider: the much larger network around it. All of it together has a share of a day's votes, so that whoever has many
    ///     networks takes nobody else's place.
    public init(network: String, provider: String) {
        self.network = network
        self.provider = provider
    }
}

extension Desk {
    /// Counts a vote of somebody without a credential: one a day for an article and network, which may be changed that day, whichever
    /// node is asked. Who shares an address with others shares their vote. Throws `.busy` when too many around them have voted today.
    public func vote(on name: ArticleName, isHelpful: Bool, by voter: AnonymousVoter) async throws -> Article {
        try await write { work in try await work.vote(on: name, isHelpful: isHelpful, by: voter) }
    }
}

/// A day's votes of people without a credential. Addresses are kept as digests that mean nothing the day after, and go then: see
/// `forgetOldVotes`.
struct AnonymousVotes: Sendable {
    /// Votes of one provider's networks in a day.
    static let share = 1000

    private let key: HMACKey

    init(secret: [UInt8]) { key = HMACKey(HKDF.derive(32, from: secret, info: Array("martlet anonymous votes".utf8))) }

    func digest(of network: String, on day: Int) -> String { Hex.encode(key.code(of: Array("\(day) \(network)".utf8)).prefix(12)) }

    static func day(of moment: Moment) -> Int { moment.milliseconds / 86_400_000 }
}

extension Work {
    func vote(on name: ArticleName, isHelpful: Bool, by voter: AnonymousVoter) async throws -> Article {
        var article = try await db.articleToChange(name)
        guard article.isPublished else { throw DeskError.notFound("Article not found") }
        let day = AnonymousVotes.day(of: now)
        let (network, provider) = (
            desk.anonymousVotes.digest(of: voter.network, on: day), desk.anonymousVotes.digest(of: voter.provider, on: day)
        )
        // The article is locked, so two votes of one network on it cannot pass each other.
        let before = try await db.first(
            "SELECT is_helpful FROM anonymous_votes WHERE day = \(day) AND article_id = \(article.id) AND network = \(network)"
        ) { $0.bool() }
        guard before != isHelpful else { return article }
        if before == nil { try await mustHaveShare(provider, on: day) }
        try await db.runSoon(
            """
            INSERT INTO anonymous_votes (day, article_id, network, provider, is_helpful)
            VALUES (\(day), \(article.id), \(network), \(provider), \(isHelpful))
            ON CONFLICT (day, article_id, network) DO UPDATE SET is_helpful = excluded.is_helpful
            """)
        article.votes.change(from: before, to: isHelpful)
        try await db.save(article.votes, of: article.id)
        return article
    }

    private func mustHaveShare(_ provider: String, on day: Int) async throws {
        let count = try await db.first(
            "SELECT count(*) FROM (SELECT 1 AS one FROM anonymous_votes WHERE day = \(day) AND provider = \(provider) LIMIT \(AnonymousVotes.share)) v"
        ) { $0.int() }
        guard (count ?? 0) < AnonymousVotes.share else { throw DeskError.busy("Too many votes from around your network today") }
    }
}
