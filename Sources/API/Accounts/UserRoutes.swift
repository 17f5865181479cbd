internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// `/users`: everybody known here, for the staff to see and for admins to manage.
public enum UserRoutes {
    public static func declare(in desk: inout DeskRoutes) {
        declareReading(in: &desk)
        let helpdesk = desk.desk
        desk.change(
            .post, "/users", .admin, "Adds somebody; without a password they get a mail with which they choose one",
            query: Nothing.self, takes: NewUser.self, gives: .created(UserView.self),
            preparing: { ask, _ -> String? in
                guard let password = ask.body.password else { return nil }
                return try await helpdesk.hash(password: password)
            }
        ) { ask, hash, work in
            var draft = ask.body.draft
            draft.email = ask.body.email
            var view = UserView(try await work.addUser(draft, passwordHash: hash, as: ask.caller))
            view.isNew = true
            return view
        }
        desk.change(
            .patch, "/users/{user}", .admin, "Changes somebody; who is deactivated is signed out, and their API keys end",
            takes: UserPatch.self, gives: .ok(UserView.self)
        ) { ask, work in
            UserView(try await work.change(ask.body.change, of: ask.path.user, expecting: ask.expectedRevision, as: ask.caller))
        }
        desk.change(
            .delete, "/users/{user}", .admin, "Deletes what tells who somebody was, and keeps their tickets", gives: .noContent
        ) { ask, work in
            try await work.deleteUser(ask.path.user, expecting: ask.expectedRevision, as: ask.caller)
            return Nothing()
        }
    }

    private static func declareReading(in desk: inout DeskRoutes) {
        desk.page(
            "/users", .staff, "Lists people: newest first, or by what `q` finds", query: UserQuery.self, of: UserView.self
        ) { ask, slice, look in
            try await look.users(ask.query.filter, slice, as: ask.caller)
        } show: { person, _ in
            UserView(person)
        }
        desk.read("/users/{user}", .staff, "Gives somebody", gives: .ok(UserView.self)) { ask, look in
            UserView(try await look.user(ask.path.user, as: ask.caller))
        }
    }
}

/// The query of a list of people.
struct UserQuery: PagedQuery {
    var filter = UserFilter()
    var paging = Paging()

    static let shape = Shape("UserQuery", "Which people", UserQuery()) {
        Field("role", \.filter.roles, .list(of: .word(Role.self), atMost: 4), "What they are here", required: false)
        Field("is_active", \.filter.isActive, Kind<Bool>.boolean.orAbsent, "Whether they may sign in")
        Field("q", \.filter.beginning, Kind<String>.text(1...100).orAbsent, "What their name, address or username begins with")
        Field.all(of: \.paging, Paging.fields)
    }
}

extension UserView: PageItem {
    static let page = Page<UserView>.shape("UserPage", "A page of people")
}

/// What it takes to add somebody.
struct NewUser: Shaped {
    var draft = PersonDraft()
    var email = ""
    var password: String?

    static let shape = Shape("NewUser", "What it takes to add somebody", NewUser()) {
        Field("email", \.email, .emailAddress, "Address")
        Field("password", \.password, Kind<String>.text(8...256).optional, "Password; without one they choose it by mail")
        Field("first_name", \.draft.firstName, .oneLine(1...100), "First name", required: false)
        Field("last_name", \.draft.lastName, .oneLine(1...100), "Last name", required: false)
        Field("username", \.draft.username, Kind<String>.username.optional, "To sign in with too; default: the local part")
        Field("role", \.draft.role, .givenRole, "What they are here", required: false)
        Field("support_role", \.draft.supportRole, .word(SupportRole.self), "The tier they work in", required: false)
    }
}

/// What an admin changes of somebody.
struct UserPatch: Shaped {
    var change = UserChange()

    static let shape = Shape("UserChange", "What to change of somebody; what is absent stays", UserPatch()) {
        Field("role", \.change.role, Kind<Role>.givenRole.orAbsent, "What they are here")
        Field("support_role", \.change.supportRole, Kind<SupportRole>.word(SupportRole.self).orAbsent, "The tier they work in")
        Field("is_active", \.change.isActive, Kind<Bool>.boolean.orAbsent, "Whether they may sign in")
        Field("first_name", \.change.firstName, Kind<String>.oneLine(1...100).change, "First name")
        Field("last_name", \.change.lastName, Kind<String>.oneLine(1...100).change, "Last name")
        Field("username", \.change.username, Kind<String>.username.change, "To sign in with beside the address")
        Field("email", \.change.email, Kind<String>.emailAddress.orAbsent, "Address")
    }
}
