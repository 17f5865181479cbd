internal import Codec
internal import Domain
internal import Storage

/// What a link that was mailed to somebody opens, once and for an hour.
public enum LinkPurpose: String, CaseIterable, Sendable {
    /// Shows that the address is theirs.
    case verify
    /// Sets a new password, or the first.
    case reset
    /// Makes the first admin; shown to whoever started the server, and mailed to nobody.
    case setUp = "set_up"

    static let lifetime = 3600

    /// The page that the link opens.
    public var path: StaticString {
        switch self {
        case .verify: "/verify"
        case .reset: "/reset"
        case .setUp: "/setup"
        }
    }

    /// What the mailer is asked to send.
    var mail: String {
        switch self {
        case .verify: "verify_email"
        case .reset, .setUp: "reset_password"
        }
    }
}

extension Work {
    /// Makes a link. Its token is in what this returns and nowhere else.
    func makeLink(_ purpose: LinkPurpose, for person: Person?) async throws -> String {
        let secret = GivenSecret(outside)
        try await db.run(
            """
            INSERT INTO mailed_links (digest, person_id, purpose, email_key, expires_at, used_at)
            VALUES (
                \(secret.digest), \(person?.id), \(purpose), \(person?.email.map(key)), \(now.adding(seconds: LinkPurpose.lifetime)),
                \(Moment?.none))
            """)
        return "\(rules.publicURL)\(purpose.path)?token=\(secret.text)"
    }

    /// Makes a link and puts a mail with it into the outbox, for the mailer. The same statements run for nobody as for somebody, so that
    /// the time they take does not tell whether an address is known.
    ///
    /// The outbox has the link, since the mail must: sealed, so that a stolen database opens no account.
    func mailLink(_ purpose: LinkPurpose, to person: Person?) async throws {
        try await forgetOldLinks()
        let link = try await makeLink(purpose, for: person)
        let payload = sealMail(.object([.init("link", .text(link))]), to: person?.id ?? Person.ID(0))
        try await db.run(
            """
            INSERT INTO outbox (kind, person_id, address, payload, created_at, next_try_at, tries, done_at, fault)
            SELECT \(purpose.mail), p.id, p.email, \(payload), \(now), \(now), \(0), \(Moment?.none), \(String?.none)
            FROM people p WHERE p.id = \(person?.id) AND p.email IS NOT NULL
            """)
    }

    /// Uses a link up: whom it was for. Throws `.invalid` when it is none, was used, is over, or the person has another address by now.
    func use(_ purpose: LinkPurpose, token: String) async throws -> Person.ID? {
        let used = try await db.first(
            """
            UPDATE mailed_links SET used_at = \(now)
            WHERE digest = \(GivenSecret.digest(of: token)) AND purpose = \(purpose) AND used_at IS NULL AND expires_at > \(now)
            RETURNING person_id, email_key
            """
        ) { (person: $0.optionalID(of: Person.self), email: $0.optionalText()) }
        guard let used else { throw DeskError.deadLink }
        guard let person = used.person else { return nil }
        let address = try await db.first("SELECT email_key FROM people WHERE id = \(person) AND deleted_at IS NULL") {
            $0.optionalText()
        }
        guard let address, address == used.email else { throw DeskError.deadLink }
        return person
    }

    /// Makes links of somebody useless: what they were asked for is done.
    func endLinks(_ purpose: LinkPurpose, of person: Person.ID) async throws {
        try await db.run(
            "UPDATE mailed_links SET used_at = \(now) WHERE person_id = \(person) AND purpose = \(purpose) AND used_at IS NULL")
    }

    /// A few of those that are over, each time a new one is made: strangers' links, which anybody may ask for, are never many. The rest go
    /// with `forgetOldLinks`.
    private func forgetOldLinks() async throws {
        try await db.run(
            """
            DELETE FROM mailed_links WHERE digest IN (
                SELECT digest FROM mailed_links WHERE expires_at <= \(now) ORDER BY expires_at LIMIT 10\(db.engine.claim))
            """)
    }
}

extension Look {
    /// Whether a link of that purpose could be used now.
    public func isGood(_ purpose: LinkPurpose, token: String) async throws -> Bool {
        try await db.first(
            """
            SELECT digest FROM mailed_links
            WHERE digest = \(GivenSecret.digest(of: token)) AND purpose = \(purpose) AND used_at IS NULL AND expires_at > \(now)
            """
        ) { $0.bytes() } != nil
    }
}

extension DeskError {
    static let deadLink = DeskError.invalid([InvalidField("token", "link_expired", "This link was used, or is too old")])
}
