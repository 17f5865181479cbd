import Domain
import Helpdesk

/// Who may sign in at a first start, told where the operator reads it.
struct FirstStart {
    let settings: DeskSettings
    let log: Log

    /// Makes the demo's people, or the admin whom the settings name. Gives the end of a link to make an admin with when there is none.
    func prepare(_ desk: Desk) async throws -> String? {
        if settings.isDemo {
            log.warn("DEMO IS ON: everybody knows the passwords of this desk. Never run it where others can reach it")
            if try await desk.plantDemo() { log.info("demo people and tickets were made") }
            log.info("demo sign-ins: alice/alice123 (customer), bob/bob123 (agent), carol/carol123 (admin)")
        } else if let email = settings.adminEmail, let password = settings.adminPassword {
            if try await addAdmin(email, password, to: desk) {
                log.info("the first admin was added: sign in with ADMIN_EMAIL and ADMIN_PASSWORD", ["email": .text(email)])
            }
        } else {
            return try await desk.makeSetUpLink().map { String($0.dropFirst(settings.rules.publicURL.count)) }
        }
        return nil
    }

    /// Says where the first admin is made, once people can go there.
    /// - Parameter place: where the server listens, for when nobody could know its port before.
    func tell(_ link: String, at place: String, isPortFound: Bool) {
        // The one secret that is ever logged: good for an hour, once, and only as long as there is no admin.
        log.warn(
            "there is no admin yet: open this link within the hour to become it, or run `martlet admin create`",
            ["link": .text((isPortFound ? place : settings.rules.publicURL) + link)])
    }

    private func addAdmin(_ email: String, _ password: Secret, to desk: Desk) async throws -> Bool {
        do {
            return try await desk.addFirstAdmin(email: email, password: password.reveal())
        } catch let error as DeskError {
            throw OpenDatabase.Fault(description: "ADMIN_EMAIL and ADMIN_PASSWORD make no admin: \(sentence(error))")
        }
    }
}
