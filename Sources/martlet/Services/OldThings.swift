import Helpdesk
import Loop

/// The chores that delete or empty what is old, one for each sort of it, so that one that fails holds up no other. Each goes on where it
/// was after a restart, and several nodes may do the same at once.
func choresForOldThings(of desk: Desk, on loop: EventLoop, _ log: Log) -> [any Service] {
    let chores: [(name: String, work: @Sendable () async throws -> Void)] = [
        ("empty the bin", { try await desk.emptyBin() }),
        ("empty old events", { try await desk.emptyOldEvents() }),
        ("forget old notifications", { try await desk.forgetOldNotifications() }),
        ("forget old answers", { try await desk.forgetOldAnswers() }),
        ("forget sign-ins that ended", { try await desk.forgetEndedSessions() }),
        ("forget old links", { try await desk.forgetOldLinks() }),
        ("forget old mail", { try await desk.forgetOldMail() }),
        ("forget tags that nothing has", { try await desk.forgetUnusedTags() }),
        ("forget who voted before today", { try await desk.forgetOldVotes() }),
    ]
    return chores.map { Chore($0.name, every: 3600, deletes: true, on: loop, log, $0.work) }
}
