internal import Codec
internal import Domain
internal import Storage

// While one secret of the desk takes the place of another, second factors are sealed anew with the new one, so that the old one can be
// taken out of the settings. Recovery codes cannot be: of them only a digest is kept.

extension Desk {
    private static let sealedAtOnce = 100

    /// Seals with the desk's secret what was sealed with a previous one, a few in a transaction.
    public func resealSecondFactors() async throws {
        var last: Person.ID?
        repeat {
            let start = last
            last = try await write { work in try await work.resealSecondFactors(after: start, atMost: Self.sealedAtOnce) }
        } while last != nil
    }
}

extension Work {
    /// Does so for the next people; gives the last of them, and nil when there are no more.
    fileprivate func resealSecondFactors(after last: Person.ID?, atMost most: Int) async throws -> Person.ID? {
        let isLater: SQL = if let last { " AND id > \(last)" } else { "" }
        let people = try await db.all(
            "SELECT id, totp_secret FROM people WHERE totp_secret IS NOT NULL\(isLater) ORDER BY id LIMIT \(most)\(db.engine.lock)"
        ) { (id: $0.id(of: Person.self), sealed: $0.bytes()) }
        for person in people {
            guard let secret = desk.secondFactorKeys.secrets.openOld(person.sealed, of: person.id) else { continue }
            let sealed = desk.secondFactorKeys.secrets.seal(secret, of: person.id, nonce: outside.random(SecretBox.nonceSize))
            try await db.run("UPDATE people SET totp_secret = \(sealed) WHERE id = \(person.id)")
        }
        return people.count == most ? people.last?.id : nil
    }
}
