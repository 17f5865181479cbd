internal import Domain
internal import Synchronization

/// Who voted today without a credential, as far as this node knows.
final class AnonymousVotes: Sendable {
    struct Ballot: Hashable {
        let article: Article.ID
        let network: String
    }

    private struct State {
        var day = 0
        var votes: [Ballot: Bool] = [:]
    }

    /// About ten megabytes. Beyond, nobody else votes that day.
    private static let most = 100_000

    private let state = Mutex(State())

    /// Notes a vote and gives the one before it. Throws `.busy` when too many have voted today.
    func take(_ ballot: Ballot, _ isHelpful: Bool, at now: Moment) throws(DeskError) -> Bool? {
        let day = now.milliseconds / 86_400_000
        let outcome: Bool?? = state.withLock { state in
            if state.day != day { state = State(day: day) }
            let before = state.votes[ballot]
            if before == nil, state.votes.count >= Self.most { return nil }
            state.votes[ballot] = isHelpful
            return .some(before)
        }
        guard let outcome else { throw .busy("Too many votes today") }
        return outcome
    }

    /// Undoes `take` for a vote that could not be counted.
    func giveBack(_ ballot: Ballot, _ before: Bool?) {
        state.withLock { $0.votes[ballot] = before }
    }
}
