public import Domain

/// What passes and is not kept: that somebody is there, looks at a ticket, or types. It is told to the staff who are on that ticket.
public struct Signal: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case typing, viewing, presence
    }

    /// What somebody does, as against what becomes of them.
    public enum Act: Sendable {
        case typing, viewing
    }

    public let kind: Kind
    public let ticket: Ticket.ID
    public let person: Person.ID
    public let name: String
    /// Whether they came, for `presence`; they left otherwise.
    public let isThere: Bool

    public init(_ kind: Kind, on ticket: Ticket.ID, by person: Person.ID, named name: String, isThere: Bool = true) {
        self.kind = kind
        self.ticket = ticket
        self.person = person
        self.name = name
        self.isThere = isThere
    }
}
