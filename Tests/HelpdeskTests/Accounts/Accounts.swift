import Codec
import Domain
import Helpdesk
import Storage
import Testing

extension TestDesk {
    static let password = "correct horse battery"

    @discardableResult
    func register(_ email: String, password: String = password, _ change: (inout Helpdesk.Registration) -> Void = { _ in }) async throws
        -> SignIn
    {
        var registration = Helpdesk.Registration()
        (registration.email, registration.password) = (email, password)
        (registration.firstName, registration.lastName) = ("Eve", "Doe")
        change(&registration)
        return try await desk.register(registration, as: nil, from: .test)
    }

    func signIn(_ name: String, _ password: String = password) async throws -> SignIn {
        try await desk.signIn(name, password: password, from: .test)
    }

    /// Whether a credential opens anything.
    func isGood(_ signIn: SignIn) async -> Bool { (try? await desk.caller(with: Array(signIn.accessToken.utf8))) != nil }

    /// The tokens of the links that wait to be mailed to an address, in order.
    func mailedTokens(_ kind: String, to email: String) async throws -> [String] {
        let mails = try await database.read { db in
            try await db.all("SELECT person_id, payload FROM outbox WHERE kind = \(kind) AND address = \(email) ORDER BY id") { row in
                (person: Person.ID(row.uuid()), payload: row.bytes())
            }
        }
        return try mails.map { mail in
            let link = try #require(desk.openMail(mail.payload, to: mail.person)?["link"]?.string)
            return String(try #require(link.split(separator: "=").last))
        }
    }

    func mailedToken(_ kind: String, to email: String) async throws -> String {
        try #require(try await mailedTokens(kind, to: email).last)
    }

    /// Somebody who wrote to us and has no account.
    func contact(_ email: String, _ origin: Person.Origin = .contact) async throws -> Caller {
        // In a list: a closure that is given to `database` itself and captures 128 bits crashes when it runs (Swift 6.3.1).
        let ids = [desk.outside.newID()]
        let now = clock.now.milliseconds
        let issuer: String? = origin == .delegated ? "default" : nil
        let role: Role = origin == .delegated ? .guest : .customer
        try await database.write { db in
            try await db.run(
                """
                INSERT INTO people (
                    id, origin, email, email_key, first_name, last_name, name, role, support_role, is_active, is_available,
                    is_verified, totp_confirmed, totp_last_step, issuer, subject, open_tickets, created_at, updated_at, revision)
                VALUES (
                    \(ids[0]), \(origin.rawValue), \(email), \(email.lowercased()), \(""), \(""), \("Eve"), \(role.rawValue), \("general"),
                    \(true), \(true), \(false), \(false), \(0), \(issuer), \(issuer), \(0), \(now), \(now), \(1))
                """)
        }
        return Caller(id: Person.ID(ids[0]), label: "", name: "Eve", email: email, role: role)
    }

    /// What is kept of somebody in a column, as text.
    func kept(_ column: SQL, of person: Person.ID) async throws -> String? {
        let people = [person]
        return try await database.read { db in
            try await db.first("SELECT CAST(\(column) AS text) FROM people WHERE id = \(people[0].bits)") { $0.optionalText() } ?? nil
        }
    }

    /// How many events of a type there are.
    func events(_ type: EventType) async throws -> Int {
        let type = type.rawValue
        return try await database.read { db in
            try await db.first("SELECT count(*) FROM events WHERE type = \(type)") { $0.int() } ?? 0
        }
    }
}

extension Client {
    static let test = Client(address: "192.0.2.1", userAgent: "tests")
}
