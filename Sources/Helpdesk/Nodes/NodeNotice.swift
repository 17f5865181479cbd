internal import Codec
internal import Domain

/// What one node of a desk tells the others at once, besides what stands in the database.
///
/// Nothing may depend on it: a notice that is lost is made up for by the log, by the caller's second, or by the next roll call.
struct NodeNotice: Shaped, Equatable {
    enum Kind: String, Word {
        /// There is more in the log.
        case news
        /// Somebody's role, sign-in or standing has changed.
        case callers
        /// The node is new here, or was away: it wants to know who is there.
        case hello
        /// All who are there on this node; the node is alive.
        case roll
        /// Somebody came to a ticket, or left it, on this node.
        case came, left
        /// Somebody does something that passes.
        case typing, viewing
    }

    /// Who tells it.
    var node = ""
    var kind = Kind.news
    /// Whom it is about, and where.
    var people: [Attendance] = []

    /// More than that are not told of one node; who is left out is seen by those on that node.
    static let mostPeople = 5000

    static let shape = Shape("NodeNotice", "What nodes tell each other", NodeNotice()) {
        Field("node", \.node, .text(1...64), "Who tells it")
        Field("kind", \.kind, .word(Kind.self), "What about")
        Field("people", \.people, .list(of: .object(Attendance.self), atMost: mostPeople), "Who is where", required: false)
    }
}

/// Somebody who is at a ticket.
struct Attendance: Shaped, Hashable {
    var ticket: Ticket.ID
    var person: Person.ID
    var name: String

    static let shape = Shape("Attendance", "Somebody at a ticket", Attendance(ticket: Identifier(0), person: Identifier(0), name: "")) {
        Field("ticket", \.ticket, .id(Ticket.self), "Where")
        Field("person", \.person, .id(Person.self), "Who")
        Field("name", \.name, .text(0...1000), "What they are called")
    }
}
