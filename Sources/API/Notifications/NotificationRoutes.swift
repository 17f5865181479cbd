internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// `/notifications`: what one was told; and `/me/preferences`: how one wants to be.
public enum NotificationRoutes {
    public static func declare(in desk: inout DeskRoutes) {
        desk.routes.parameter("notification", .text(1...36), "A notification, by id")
        desk.page(
            "/notifications", .signedIn, "Lists what one was told, newest first, with how much of it is not read",
            query: NotificationQuery.self, of: NotificationView.self
        ) { ask, slice, look in
            try await look.notifications(unreadOnly: ask.query.unread, slice, as: ask.caller)
        } show: { notification, _ in
            NotificationView(notification)
        }
        desk.change(
            .post, "/notifications/{notification}/read", .signedIn, "Notes that one has read what one was told",
            gives: .ok(NotificationView.self)
        ) { ask, work in
            NotificationView(try await work.markRead(ask.path.notification, as: ask.caller))
        }
        desk.change(.post, "/notifications/read-all", .signedIn, "Notes that one has read all that one was told", gives: .ok(AllRead.self))
        {
            ask, work in
            AllRead(read: try await work.markAllRead(as: ask.caller))
        }
        declarePreferences(in: &desk)
    }

    private static func declarePreferences(in desk: inout DeskRoutes) {
        desk.read("/me/preferences", .signedIn, "Tells on which ways one is told of what", gives: .ok(PreferencesView.self)) { ask, look in
            PreferencesView(try await look.preferences(of: ask.caller))
        }
        desk.change(
            .patch, "/me/preferences", .signedIn, "Changes on which ways one is told of what", takes: PreferencesBody.self,
            gives: .ok(PreferencesView.self)
        ) { ask, work in
            PreferencesView(try await work.change(ask.body.change, expecting: ask.expectedRevision, of: ask.caller))
        }
    }
}

/// The query of a list of notifications.
struct NotificationQuery: PagedQuery {
    var unread = false
    var paging = Paging()

    static let shape = Shape("NotificationQuery", "Which notifications", NotificationQuery()) {
        Field("unread", \.unread, .boolean, "Only those that are not read", required: false)
        Field.all(of: \.paging, Paging.fields)
    }
}
