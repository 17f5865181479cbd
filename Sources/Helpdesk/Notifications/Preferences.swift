internal import Codec
public import Domain
internal import Storage

/// What somebody changes of how they are told things; what is nil stays.
public struct PreferencesChange: Sendable {
    public struct Ways: Sendable {
        public var inApp: Bool?
        public var mail: Bool?

        public init() {}

        fileprivate func apply(to ways: inout NotificationPreferences.Ways) {
            ways.inApp = inApp ?? ways.inApp
            ways.mail = mail ?? ways.mail
        }
    }

    public var assigned = Ways()
    public var replied = Ways()
    public var mentioned = Ways()
    public var statusChanged = Ways()

    public init() {}

    func apply(to preferences: inout NotificationPreferences) {
        assigned.apply(to: &preferences.assigned)
        replied.apply(to: &preferences.replied)
        mentioned.apply(to: &preferences.mentioned)
        statusChanged.apply(to: &preferences.statusChanged)
    }
}

/// How somebody wants to be told things, and how often they have changed that.
public struct KeptPreferences: Sendable {
    public var preferences: NotificationPreferences
    public var revision: Int

    public init(_ preferences: NotificationPreferences = NotificationPreferences(), revision: Int = 0) {
        self.preferences = preferences
        self.revision = revision
    }
}

extension Look {
    public func preferences(of caller: Caller) async throws -> KeptPreferences { try await db.preferences(of: caller.id) }
}

extension Work {
    /// Throws `.stale` when the caller knows an older revision.
    public func change(
        _ change: PreferencesChange, expecting revision: Int? = nil, of caller: Caller
    ) async throws -> KeptPreferences {
        // A row to lock, for who has none yet.
        try await db.run(
            "INSERT INTO inboxes (person_id, unread, preferences, revision) VALUES (\(caller.id), 0, '{}', 0) ON CONFLICT DO NOTHING")
        try await db.lockInboxes(of: [caller.id])
        var kept = try await db.preferences(of: caller.id)
        guard revision == nil || revision == kept.revision else { throw DeskError.stale }
        let before = kept.preferences
        change.apply(to: &kept.preferences)
        if kept.preferences == before { return kept }
        kept.revision += 1
        let text = String(decoding: JSON.bytes(of: PreferencesSnapshot(kept.preferences)), as: UTF8.self)
        try await db.run("UPDATE inboxes SET preferences = \(text), revision = \(kept.revision) WHERE person_id = \(caller.id)")
        return kept
    }
}

extension Connection {
    fileprivate func preferences(of person: Person.ID) async throws -> KeptPreferences {
        try await first("SELECT preferences, revision FROM inboxes WHERE person_id = \(person)") { row in
            KeptPreferences(row.preferences(), revision: row.int())
        } ?? KeptPreferences()
    }
}

extension Row {
    /// Preferences, or all of them when there are none.
    mutating func preferences() -> NotificationPreferences {
        if isNextNull {
            skip()
            return NotificationPreferences()
        }
        let read = withText { try? PreferencesSnapshot.shape.read(ours: $0).preferences }
        if let read { return read }
        refuse("preferences that are none")
        return NotificationPreferences()
    }
}

/// Preferences as they are kept. What a later release adds is on until somebody says otherwise.
struct PreferencesSnapshot: Shaped {
    var preferences: NotificationPreferences

    init(_ preferences: NotificationPreferences) { self.preferences = preferences }

    static let shape = Shape("PreferencesSnapshot", "How somebody is told things", PreferencesSnapshot(NotificationPreferences())) {
        Field("assigned", \.preferences.assigned, WaysSnapshot.kind, "A ticket was given to them", required: false)
        Field("replied", \.preferences.replied, WaysSnapshot.kind, "Somebody answered", required: false)
        Field("mentioned", \.preferences.mentioned, WaysSnapshot.kind, "Somebody named them", required: false)
        Field("status_changed", \.preferences.statusChanged, WaysSnapshot.kind, "A ticket was moved", required: false)
    }
}

private struct WaysSnapshot: Shaped {
    var ways = NotificationPreferences.Ways()

    static let shape = Shape("WaysSnapshot", "On which ways", WaysSnapshot()) {
        Field("in_app", \.ways.inApp, .boolean, "Here", required: false)
        Field("mail", \.ways.mail, .boolean, "By mail", required: false)
    }

    static var kind: Kind<NotificationPreferences.Ways> {
        Kind<WaysSnapshot>.object(WaysSnapshot.self).converted(to: { .success($0.ways) }, from: { WaysSnapshot(ways: $0) })
    }
}
