internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// `/api-keys`: what programs sign in with in their owner's name.
public enum APIKeyRoutes {
    public static func declare(in desk: inout DeskRoutes) {
        desk.routes.parameter("key", .word("uuid"), "An API key, by id")
        desk.page("/api-keys", .staff, "Lists the caller's API keys, newest first", query: PageQuery.self, of: APIKeyView.self) {
            ask, slice, look in
            try await look.apiKeys(slice, of: ask.caller)
        } show: { key, _ in
            APIKeyView(key)
        }
        desk.change(
            .post, "/api-keys", .staff, "Makes an API key, which is shown this once; needs a sign-in with a password",
            takes: NewAPIKey.self, gives: .created(APIKeyView.self), showsSecret: true
        ) { ask, work in
            let made = try await work.makeAPIKey(ask.body.draft, as: ask.caller)
            return APIKeyView(made.key, text: made.text)
        }
        desk.change(
            .delete, "/api-keys/{key}", .staff, "Deletes an API key of the caller's; a key may delete itself", gives: .noContent
        ) { ask, work in
            try await work.deleteAPIKey(ask.path.key, as: ask.caller)
            return Nothing()
        }
    }
}

/// What is wanted of a new key.
struct NewAPIKey: Shaped {
    var draft = APIKeyDraft()

    static let shape = Shape("NewAPIKey", "What is wanted of a new API key", NewAPIKey()) {
        Field("name", \.draft.name, .oneLine(1...100), "What to call it")
        Field(
            "scopes", \.draft.scopes,
            .list(of: .word(Scope.self), atMost: 3).checked { scopes in
                scopes.isEmpty ? Fault("too_short", "A key without a scope is of no use") : nil
            }.described(as: .list(.words(Scope.allCases.map(\.rawValue)), atLeast: 1, atMost: 3)),
            "What it may be used for: `read`, `write`, and for admins `admin`; never more than its owner may")
        Field("expires_at", \.draft.expiresAt, Kind<Moment>.moment.optional, "When it ends; never, if not said")
    }
}

/// A key as its owner sees it.
struct APIKeyView: Shaped, WithFields, PageItem {
    var key: APIKey
    /// The key itself, when it was made just now.
    var text: String?

    init(_ key: APIKey, text: String? = nil) {
        self.key = key
        self.text = text
    }

    private static let blank = APIKey(
        id: APIKey.ID(0), name: "", scopes: [], expiresAt: nil, lastUsedAt: nil, createdAt: Moment(0))

    static let shape = Shape("APIKey", "What a program signs in with in its owner's name", APIKeyView(blank)) {
        Field("id", \.key.id, .id(APIKey.self), "Id")
        Field("name", \.key.name, .text(1...100), "What its owner calls it")
        Field("scopes", \.key.scopes, .list(of: .word(Scope.self), atMost: 3), "What it may be used for")
        Field("expires_at", \.key.expiresAt, .moment.optional, "When it ends")
        Field("last_used_at", \.key.lastUsedAt, .moment.optional, "When it was last used, give or take a minute")
        Field("created_at", \.key.createdAt, .moment, "When it was made")
        Field("key", \.text, Kind<String>.text(1...100).orAbsent, "The key itself: keep it now, it is not shown again")
    }

    static let page = Page<APIKeyView>.shape("APIKeyPage", "A page of API keys")

    var fields: [Response.Field] { text == nil ? [] : [.noStore, .init("location", "/api-keys/\(key.id.text)")] }
}
