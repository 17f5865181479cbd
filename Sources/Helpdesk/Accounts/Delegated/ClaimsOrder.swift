internal import Codec
internal import Domain

// Somebody may hold several tokens of an issuer that say different things of them, all good. What was said last counts. `iat` tells the
// order; where it is missing, `exp` does, since tokens of one issuer live about as long. Where neither tells it, a token may be the one that
// was taken back by the other: it raises nobody's role, and what it says else is taken on once a minute at most, so that two tokens in turn
// do not write an event with each request.

/// Somebody whom an issuer vouched for before, and when it last said what is known.
struct VouchedFor: Sendable {
    let person: Person
    /// The latest `iat` and `exp` of the tokens whose claims were taken on.
    var claimedAt: Moment?
    var claimsEndAt: Moment?
}

extension DelegatedClaims {
    enum Order {
        case older, newer, unknown
    }

    /// Seconds between two changes of somebody by tokens without `iat`.
    static let secondsBetweenChanges = 60

    /// Whether this was said before or after what is known.
    func order(comparedTo known: VouchedFor) -> Order {
        if let issuedAt {
            guard let claimedAt = known.claimedAt, issuedAt <= claimedAt else { return .newer }
            return issuedAt < claimedAt ? .older : .unknown
        }
        guard expiresAt != .never else { return .unknown }
        guard let end = known.claimsEndAt, expiresAt <= end else { return .newer }
        return expiresAt < end ? .older : .unknown
    }

    /// What of these claims is to be taken on now; nil for nothing.
    func news(about known: VouchedFor, at now: Moment) -> DelegatedClaims? {
        let order = order(comparedTo: known)
        if order == .older { return nil }
        var claims = self
        if order == .unknown { claims.role = min(role, known.person.role) }
        guard claims.differ(from: known.person) else { return nil }
        if issuedAt != nil, order == .newer { return claims }
        let person = known.person
        // Nothing was changed yet of who has the first revision still.
        if person.revision > 1, now < person.updatedAt.adding(seconds: Self.secondsBetweenChanges) { return nil }
        return claims
    }

    private func differ(from person: Person) -> Bool { person.name != name || person.email != email || person.role != role }
}
