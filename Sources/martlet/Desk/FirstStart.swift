import Helpdesk

/// Who may sign in at a first start, told where the operator reads it.
struct FirstStart {
    let settings: DeskSettings
    let log: Log

    /// Makes the demo's people, or the admin whom the settings name, or a link to make one with.
    func prepare(_ desk: Desk) async throws {
        if settings.isDemo { return try await plantDemo(desk) }
        if let email = settings.adminEmail, let password = settings.adminPassword {
            if try await desk.addFirstAdmin(email: email, password: password.reveal()) {
                log.info("the first admin was added: sign in with ADMIN_EMAIL and ADMIN_PASSWORD", ["email": .text(email)])
            }
        } else if let link = try await desk.makeSetUpLink() {
            // The one secret that is ever logged: good for an hour, once, and only as long as there is no admin.
            log.warn(
                "there is no admin yet: open this link within the hour to become it, or run `martlet admin create`", ["link": .text(link)])
        }
    }

    private func plantDemo(_ desk: Desk) async throws {
        log.warn("DEMO IS ON: everybody knows the passwords of this desk. Never run it where others can reach it")
        if try await desk.plantDemo() { log.info("demo people and tickets were made") }
        log.info(
            "demo sign-ins: alice/alice123 (customer), bob/bob123 (agent), carol/carol123 (admin)", ["url": .text(settings.rules.publicURL)]
        )
    }
}
