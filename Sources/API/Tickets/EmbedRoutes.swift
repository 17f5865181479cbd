internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// `/tickets/embed/{token}`: four facts of a ticket, for whoever holds its token; as JSON for other sites, and as a page of our own.
public enum EmbedRoutes {
    public static func declare(in desk: inout DeskRoutes) {
        desk.routes.parameter("token", .word("uuid"), "An embed token")
        let house = desk.desk
        desk.routes.on(
            .get, "/tickets/embed/{token}", .everyone, "Gives the public facts of a ticket", query: Nothing.self, takes: Nothing.self,
            gives: .ok(EmbedView.self)
        ) { call in
            guard let token: EmbedToken = try? call.path.token,
                let facts = try await house.publicFacts(token, for: call.request.asker)
            else {
                throw Refusal(.notFound, "Ticket not found", fields: [EmbedView.readableAnywhere])
            }
            return EmbedView(facts, at: house.rules.publicURL)
        }
        desk.change(
            .post, "/tickets/{ticket}/embed/rotate", .signedIn, "Gives a ticket a new embed token; the old one opens nothing any more",
            gives: .ok(TicketView.self)
        ) { ask, work in
            let ticket = try await work.rotateEmbedToken(of: ask.path.ticket, expecting: ask.expectedRevision, as: ask.caller)
            return TicketView(ticket, for: ask.caller)
        }
    }

    /// What a browser without a credential gets at a ticket's address: the page of its public facts, where the address holds an embed
    /// token. Throws 401 for every other.
    @Sendable static func page(_ request: Request, _ desk: Desk) async throws -> Response {
        guard request.takesPage, let text = request.pathTexts.first?.value, let token = EmbedToken(path: text) else {
            throw Refusal.unauthorized()
        }
        guard let facts = try await desk.publicFacts(token, for: request.asker) else { throw Refusal.notFound("Ticket not found") }
        return EmbedPage(EmbedView(facts, at: desk.rules.publicURL)).response
    }
}

extension Desk {
    /// The public facts of the ticket with this token; nil when there is none.
    fileprivate func publicFacts(_ token: EmbedToken, for asker: Asker) async throws -> PublicFacts? {
        do {
            return try await read(for: asker) { look in try await look.publicFacts(token.bits) }
        } catch DeskError.notFound {
            return nil
        }
    }
}

/// A token in a path. Version 4, which no id of ours is.
struct EmbedToken: PathParameter {
    let bits: UInt128

    init?(path text: String) {
        guard let uuid = UUID(text), uuid.version == 4 else { return nil }
        bits = uuid.bits
    }
}

/// A ticket's public facts, as other sites show them.
struct EmbedView: Shaped, WithFields {
    var subject: String
    var status: String
    var updatedAt: Moment
    var link: String
    var revision: Int

    init(_ facts: PublicFacts, at publicURL: String) {
        subject = facts.subject
        status = facts.status.title
        updatedAt = facts.tally.updatedAt
        link = "\(publicURL)/tickets/\(UUID(bits: facts.token))"
        revision = facts.tally.revision
    }

    private init() { (subject, status, updatedAt, link, revision) = ("", "", Moment(0), "", 0) }

    static let shape = Shape("PublicFacts", "What of a ticket is public to whoever holds its token", EmbedView()) {
        Field("subject", \.subject, .text(1...255), "Its title")
        Field("status", \.status, .text(1...20), "Where it stands, for people: In Progress")
        Field("last_updated", \.updatedAt, .moment, "When anything that customers see happened last")
        Field("link", \.link, .text(1...2048), "A page that shows the same")
    }

    /// Any site may show these.
    var fields: [Response.Field] {
        [EntityTag(revision: revision, view: "e").field, Self.readableAnywhere]
    }

    /// Lets a page of any site read the answer, that there is none too.
    static var readableAnywhere: Response.Field { .init("access-control-allow-origin", "*") }
}

extension Domain.Status {
    /// The status for people to read.
    var title: String {
        switch self {
        case .open: "Open"
        case .inProgress: "In Progress"
        case .pending: "Pending"
        case .resolved: "Resolved"
        case .closed: "Closed"
        }
    }
}
