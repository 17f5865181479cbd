internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// On which ways somebody is told of what.
struct PreferencesView: Shaped, WithFields {
    var kept: KeptPreferences

    init(_ kept: KeptPreferences) { self.kept = kept }

    static let shape = Shape("Preferences", "On which ways one is told of what", PreferencesView(KeptPreferences())) {
        Field("assigned", \.kept.preferences.assigned, WaysView.kind, "A ticket was given to one")
        Field("replied", \.kept.preferences.replied, WaysView.kind, "Somebody answered on one's ticket")
        Field("mentioned", \.kept.preferences.mentioned, WaysView.kind, "Somebody wrote one's `@name`")
        Field("status_changed", \.kept.preferences.statusChanged, WaysView.kind, "One's ticket was moved")
    }

    var fields: [Response.Field] { [EntityTag(revision: kept.revision, view: "p").field] }
}

struct WaysView: Shaped {
    var ways = NotificationPreferences.Ways()

    static let shape = Shape("Ways", "On which ways", WaysView()) {
        Field("in_app", \.ways.inApp, .boolean, "In `/notifications`")
        Field("mail", \.ways.mail, .boolean, "By mail")
    }

    static var kind: Kind<NotificationPreferences.Ways> {
        Kind<WaysView>.object(WaysView.self).converted(to: { .success($0.ways) }, from: { WaysView(ways: $0) })
    }
}

/// What shall be other. What is not given stays.
struct PreferencesBody: Shaped {
    var change = PreferencesChange()

    static let shape = Shape("PreferencesChange", "What shall be other; what is not given stays", PreferencesBody()) {
        Field("assigned", \.change.assigned, WaysBody.kind, "A ticket was given to one", required: false)
        Field("replied", \.change.replied, WaysBody.kind, "Somebody answered on one's ticket", required: false)
        Field("mentioned", \.change.mentioned, WaysBody.kind, "Somebody wrote one's `@name`", required: false)
        Field("status_changed", \.change.statusChanged, WaysBody.kind, "One's ticket was moved", required: false)
    }
}

struct WaysBody: Shaped {
    var ways = PreferencesChange.Ways()

    static let shape = Shape("WaysChange", "On which ways; what is not given stays", WaysBody()) {
        Field("in_app", \.ways.inApp, Kind<Bool>.boolean.orAbsent, "In `/notifications`")
        Field("mail", \.ways.mail, Kind<Bool>.boolean.orAbsent, "By mail")
    }

    static var kind: Kind<PreferencesChange.Ways> {
        Kind<WaysBody>.object(WaysBody.self).converted(to: { .success($0.ways) }, from: { WaysBody(ways: $0) })
    }
}
