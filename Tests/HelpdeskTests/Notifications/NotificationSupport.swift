import Domain
import Helpdesk
import TestEngines
import Testing

/// A desk whose people are told things, at once when a test says so.
struct TellingDesk: Sendable {
    let desk: TestDesk
    private let notifier: LogReader

    init(_ desk: TestDesk) async throws {
        self.desk = desk
        notifier = desk.desk.notifier()
        _ = try await notifier.step()
    }

    /// Tells people all that has happened. Another test's transactions may leave gaps in the log, which take more looks.
    func tell() async throws {
        for _ in 0..<3 {
            while try await notifier.step() {}
        }
        desk.clock.advance(seconds: 1)
    }

    func list(_ caller: Caller, unreadOnly: Bool = false, _ slice: SliceRequest = SliceRequest()) async throws -> Slice<Domain.Notification>
    {
        try await desk.read { look in try await look.notifications(unreadOnly: unreadOnly, slice, as: caller) }
    }

    /// What somebody was told, newest first, and how much of it is counted as unread.
    func told(_ caller: Caller) async throws -> [Domain.Notification.Reason] {
        let list = try await list(caller)
        #expect(list.unread == list.items.filter { $0.readAt == nil }.count)
        return list.items.map(\.reason)
    }

    func follow(_ ticket: Ticket, _ caller: Caller) async throws {
        let id = caller.id
        _ = try await desk.write { work in try await work.addFollower(id, to: .id(ticket.id), as: caller) }
    }

    func read(_ notification: Domain.Notification, as caller: Caller) async throws -> Domain.Notification {
        let id = notification.id
        return try await desk.write { work in try await work.markRead(id, as: caller) }
    }

    func prefer(_ caller: Caller, expecting revision: Int? = nil, _ edit: (inout PreferencesChange) -> Void) async throws -> KeptPreferences
    {
        var change = PreferencesChange()
        edit(&change)
        let ready = change
        return try await desk.write { work in try await work.change(ready, expecting: revision, of: caller) }
    }
}

func withTellingDesk(
    on engine: TestEngine, _ rules: Rules = Rules(), _ body: @escaping @Sendable (TellingDesk) async throws -> Void
) async throws {
    try await withDesk(on: engine, rules) { desk in try await body(TellingDesk(desk)) }
}
