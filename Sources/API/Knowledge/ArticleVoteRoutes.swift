internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// `POST /knowledge-base/{article}/vote`: whether an article helped. Whoever is signed in has one vote for good, and may change it; others
/// one a day for each network address.
enum ArticleVoteRoutes {
    static func declare(in desk: inout DeskRoutes) {
        let house = desk.desk
        desk.routes.answered(
            .post, "/knowledge-base/{article}/vote", .everyone, "Says whether an article helped", query: Nothing.self, takes: NewVote.self,
            gives: .ok(ArticleView.self)
        ) { request in
            try request.refuseQuery()
            let whole = try await request.wholeBody(as: NewVote.self)
            let vote = try NewVote.read(json: whole, unknown: .refused)
            let name: ArticleName = try AskedPath(request).article
            guard let caller = request.knownCaller else {
                let article = try await house.vote(on: name, isHelpful: vote.isHelpful, by: AnonymousVoter(request))
                return Routes.response(.ok(ArticleView.self), ArticleView(article))
            }
            guard let repeatable = try request.repeatable(by: caller, whole) else {
                let article = try await house.write { work in try await work.vote(on: name, isHelpful: vote.isHelpful, as: caller) }
                return Routes.response(.ok(ArticleView.self), ArticleView(article)).shown(to: caller)
            }
            return try await repeated(repeatable, name, vote, caller, house)
        }
    }

    private static func repeated(
        _ request: RepeatableRequest, _ name: ArticleName, _ vote: NewVote, _ caller: Caller, _ desk: Desk
    ) async throws -> Response {
        let outcome = try await desk.write(once: request) { view in
            KeptAnswer(Routes.response(.ok(ArticleView.self), view).shown(to: caller))
        } _: { work in
            ArticleView(try await work.vote(on: name, isHelpful: vote.isHelpful, as: caller))
        }
        switch outcome {
        case .done(let view): return Routes.response(.ok(ArticleView.self), view).shown(to: caller)
        case .repeated(let answer): return Response(answer)
        }
    }
}

extension AnonymousVoter {
    init(_ request: Request) { self.init(network: request.networkText, provider: request.providerText) }
}

/// Whether an article helped.
struct NewVote: Shaped {
    var isHelpful = false

    static let shape = Shape("NewVote", "Whether an article helped", NewVote()) {
        Field("helpful", \.isHelpful, .boolean, "Whether it did")
    }
}
