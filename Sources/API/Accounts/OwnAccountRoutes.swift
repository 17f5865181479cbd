internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// `/me`: one's own account.
public enum OwnAccountRoutes {
    public static func declare(in desk: inout DeskRoutes, _ limits: SignInLimits) {
        desk.read("/me", .signedIn, "Gives one's own account", gives: .ok(UserView.self)) { ask, look in
            UserView(own: try await look.me(ask.caller))
        }
        desk.change(.patch, "/me", .signedIn, "Changes one's own account", takes: OwnChangeBody.self, gives: .ok(UserView.self)) {
            ask, work in
            UserView(own: try await work.change(ask.body.change, of: ask.caller, expecting: ask.expectedRevision))
        }
        declarePassword(in: &desk, limits)
        declareSessions(in: &desk)
    }

    private static func declarePassword(in desk: inout DeskRoutes, _ limits: SignInLimits) {
        let accounts = desk.desk
        desk.change(
            .post, "/me/password", .signedIn, "Changes one's password, and ends one's other sign-ins; API keys too if asked to",
            query: Nothing.self, takes: PasswordChange.self, gives: .noContent,
            preparing: { ask, request in
                // Whoever holds somebody's open browser shall not guess their password at leisure.
                try await limits.count(person: ask.caller.id, request)
                return try await accounts.prepare(password: ask.body.new, current: ask.body.current, of: ask.caller)
            },
            { ask, prepared, work in
                try await work.changePassword(prepared, endingAPIKeys: ask.body.endsAPIKeys, of: ask.caller)
                return Nothing()
            })
    }

    private static func declareSessions(in desk: inout DeskRoutes) {
        desk.routes.parameter("session", .word("uuid"), "A sign-in, by id")
        desk.read("/me/sessions", .signedIn, "Lists where one is signed in", gives: .ok(SessionList.self)) { ask, look in
            SessionList(items: try await look.sessions(of: ask.caller).map { SessionView($0, for: ask.caller) })
        }
        desk.change(.delete, "/me/sessions", .signedIn, "Ends all of one's sign-ins but this one", gives: .noContent) { ask, work in
            try await work.endOtherSessions(of: ask.caller)
            return Nothing()
        }
        desk.change(.delete, "/me/sessions/{session}", .signedIn, "Ends one of one's sign-ins", gives: .noContent) { ask, work in
            try await work.endSession(ask.path.session, of: ask.caller)
            return Nothing()
        }
    }
}

/// What somebody changes of their own account.
struct OwnChangeBody: Shaped {
    var change = OwnChange()

    private static let localeSchema = Schema.pattern("^[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8})*$", 2...35)
    private static let zoneSchema = Schema.pattern("^[A-Za-z0-9][A-Za-z0-9/_+-]*$", 1...64)

    static let shape = Shape("OwnChange", "What somebody changes of their own account", OwnChangeBody()) {
        Field("first_name", \.change.firstName, Kind<String>.oneLine(1...100).orAbsent, "First name")
        Field("last_name", \.change.lastName, Kind<String>.oneLine(1...100).change, "Last name; null: none")
        Field(
            "locale", \.change.locale, Kind<String>.text(1...35).described(as: localeSchema).change, "Language, like pt-BR; null: none")
        Field(
            "time_zone", \.change.timeZone, Kind<String>.text(1...64).described(as: zoneSchema).change,
            "Time zone, like Europe/Berlin; null: none")
        Field(
            "available", \.change.isAvailable, Kind<Bool>.boolean.orAbsent, "For staff: whether automatic assignment may choose them")
    }
}

struct PasswordChange: Shaped {
    var current = ""
    var new = ""
    var endsAPIKeys = false

    static let shape = Shape("PasswordChange", "A new password, and the present one", PasswordChange()) {
        Field("current_password", \.current, .text(1...256), "The present one")
        Field("new_password", \.new, .text(Password.length), "The new one")
        Field(
            "end_api_keys", \.endsAPIKeys, .boolean, "Whether one's API keys end as well; `GET /api-keys` lists them. Default: they stay",
            required: false)
    }
}

/// A sign-in, as its owner sees it.
struct SessionView: Shaped {
    var session: SessionInfo
    var isPresent: Bool

    init(_ session: SessionInfo, for caller: Caller) {
        self.session = session
        isPresent = session.id == caller.session
    }

    private init() {
        session = SessionInfo(
            id: Session.ID(0), userAgent: "", address: "", createdAt: Moment(0), lastUsedAt: Moment(0), expiresAt: Moment(0))
        isPresent = false
    }

    static let shape = Shape("Session", "A sign-in", SessionView()) {
        Field("id", \.session.id, .id(Session.self), "Id")
        Field("user_agent", \.session.userAgent, .text(0...255), "The program that was signed in with, as it called itself")
        Field("address", \.session.address, .text(0...64), "From where it was begun")
        Field("current", \.isPresent, .boolean, "Whether it is the one that asks")
        Field("created_at", \.session.createdAt, .moment, "When it was begun")
        Field("last_used_at", \.session.lastUsedAt, .moment, "When its refresh token was last used")
        Field("expires_at", \.session.expiresAt, .moment, "When it ends without being used")
    }
}

/// All of somebody's sign-ins: they are few, so there is one page.
struct SessionList: Shaped {
    var items: [SessionView]

    static let shape = Shape("SessionList", "Where somebody is signed in, the newest first", SessionList(items: [])) {
        Field("items", \.items, .list(of: .object(SessionView.self), atMost: 100), "The sign-ins")
        Field("next", from: { _ in nil }, Kind<String>.text(0...0).optional, "Always null: there is one page")
    }
}
