import Domain
import Helpdesk
import Storage
import TestEngines
import Testing

extension Caller {
    /// The same person, signed in with a password; nobody looks whether there is such a sign-in.
    var withSession: Caller {
        Caller(
            id: id, label: label, name: name, email: email, role: role, supportRole: supportRole, session: Session.ID(1),
            seesAssignedOnly: seesAssignedOnly)
    }
}

/// Whether `body` was refused with `.forbidden`.
func isForbidden(_ body: () async throws -> Void) async throws -> Bool {
    do {
        try await body()
        return false
    } catch DeskError.forbidden {
        return true
    }
}

extension TestDesk {
    /// Gives a person of the test desk a password, and signs them in.
    func signedIn(_ caller: Caller) async throws -> Caller {
        let hash = try await desk.hash(password: Self.password)
        try await database.write { db in try await db.run("UPDATE people SET password_hash = \(hash) WHERE id = \(caller.id)") }
        return try await self.caller(with: try await signIn(caller).accessToken)
    }

    /// Somebody whom an outside issuer vouches for, as their token brings them.
    func vouchedFor(_ role: Role) async throws -> Caller {
        let caller = try await contact("vouched.\(role.rawValue)@example.com", .delegated)
        let id = caller.id
        try await database.write { db in try await db.run("UPDATE people SET role = \(role.rawValue) WHERE id = \(id)") }
        return Caller(id: id, label: id.text, name: caller.name, email: caller.email, role: role)
    }

    func signIn(_ caller: Caller, code: String? = nil) async throws -> SignIn {
        let email = try #require(caller.email)
        return try await desk.signIn(email, password: Self.password, code: code, from: Client(address: "127.0.0.1", userAgent: "tests"))
    }

    /// Whoever brings this, looked up as for a request.
    func caller(with credential: String) async throws -> Caller { try await desk.caller(with: Array(credential.utf8)) }

    func isRefused(_ credential: String) async throws -> Bool {
        do {
            _ = try await caller(with: credential)
            return false
        } catch DeskError.unauthorized {
            return true
        }
    }

    /// What the log tells, in order: types, and what they tell.
    func log() async throws -> [(type: String, data: String, changes: String)] {
        try await database.read { db in
            try await db.all("SELECT type, data, changes FROM events ORDER BY seq") { ($0.text(), $0.text(), $0.text()) }
        }
    }

    func count(_ question: SQL) async throws -> Int { try await database.read { db in try await db.first(question) { $0.int() } ?? 0 } }

    /// Runs `body` and says which `.conflict` it was refused with.
    func conflict(_ body: () async throws -> Void) async throws -> String? {
        do {
            try await body()
            return nil
        } catch DeskError.conflict(let why) {
            return why
        }
    }

    func change(
        _ person: Person.ID, as caller: Caller? = nil, expecting revision: Int? = nil, _ set: (inout UserChange) -> Void
    ) async throws -> Person {
        var change = UserChange()
        set(&change)
        let (ready, caller) = (change, caller ?? admin)
        return try await write { work in try await work.change(ready, of: person, expecting: revision, as: caller) }
    }

    func delete(_ person: Person.ID, as caller: Caller? = nil) async throws {
        let caller = caller ?? admin
        try await write { work in try await work.deleteUser(person, expecting: nil, as: caller) }
    }

    func person(_ id: Person.ID) async throws -> Person {
        let caller = admin
        return try await read { look in try await look.user(id, as: caller) }
    }
}
