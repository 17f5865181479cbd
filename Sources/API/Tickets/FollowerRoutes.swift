internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// `/tickets/{ticket}/followers`: staff who are told what happens to a ticket.
public enum FollowerRoutes {
    public static func declare(in desk: inout DeskRoutes) {
        desk.read("/tickets/{ticket}/followers", .staff, "Lists who follows a ticket", gives: .ok(FollowerList.self)) { ask, look in
            FollowerList(items: try await look.followers(of: ask.path.ticket, as: ask.caller))
        }
        desk.read("/tickets/{ticket}/followers/{user}", .staff, "Tells whether somebody follows a ticket", gives: .ok(PartyView.self)) {
            ask, look in
            PartyView(party: try await look.follower(ask.follower, of: ask.path.ticket, as: ask.caller))
        }
        desk.change(
            .put, "/tickets/{ticket}/followers/{user}", .staff, "Makes one of the staff follow a ticket", gives: .ok(PartyView.self)
        ) { ask, work in
            let follower = try await work.addFollower(
                ask.follower, to: ask.path.ticket, expecting: ask.expectedRevision, as: ask.caller)
            return PartyView(party: follower)
        }
        desk.change(
            .delete, "/tickets/{ticket}/followers/{user}", .staff, "Makes somebody follow a ticket no longer", gives: .noContent
        ) { ask, work in
            try await work.removeFollower(
                ask.follower, from: ask.path.ticket, expecting: ask.expectedRevision, as: ask.caller)
            return Nothing()
        }
    }
}

extension Ask {
    /// Who the path means.
    fileprivate var follower: Person.ID {
        get throws {
            switch try path.user as Somebody {
            case .me: caller.id
            case .id(let id): id
            }
        }
    }
}

/// Somebody in a path: by id, or `me`.
enum Somebody: PathParameter {
    case me
    case id(Person.ID)

    init?(path text: String) {
        if text.equals("me") {
            self = .me
        } else if let id = Person.ID(path: text) {
            self = .id(id)
        } else {
            return nil
        }
    }
}

/// All who follow a ticket. They are few, so it is one page.
struct FollowerList: Shaped {
    var items: [Party] = []

    static let shape = Shape("FollowerList", "Who follows a ticket", FollowerList()) {
        Field("items", \.items, .list(of: PartyView.kind, atMost: 1000), "Those who do")
        Field("next", from: { _ in String?.none }, Kind<String>.text(0...0).optional, "Nothing: this is all of them")
    }
}
