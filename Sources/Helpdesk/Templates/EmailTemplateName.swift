public import Codec

/// The mails that we send.
public enum EmailTemplateName: String, CaseIterable, Sendable {
    case ticketCreated = "ticket_created"
    case ticketAssigned = "ticket_assigned"
    case ticketStatusChanged = "ticket_status_changed"
    case commentAdded = "comment_added"
    case passwordReset = "password_reset"
    case addressVerification = "address_verification"
}

/// A field that a mail may name.
public struct EmailField: Sendable, Equatable {
    public let name: String
    public let summary: String
    /// What a preview shows when no ticket is named.
    let sample: String
    /// Whether people write it as Markdown, so that it is shown as what it says and not as the signs that it is made of.
    var isMarkdown = false
}

extension EmailTemplateName {
    /// What may stand in it.
    public var fields: [EmailField] {
        switch self {
        case .ticketCreated: Self.common + Self.ticket
        case .ticketAssigned: Self.common + Self.ticket + [Self.actor]
        case .ticketStatusChanged: Self.common + Self.ticket + [Self.actor] + Self.change
        case .commentAdded: Self.common + Self.ticket + Self.comment
        case .passwordReset, .addressVerification: Self.common + Self.link
        }
    }

    /// The field without which the mail is of no use.
    var neededField: String? {
        switch self {
        case .passwordReset, .addressVerification: "link.url"
        default: nil
        }
    }

    private static let common = [
        EmailField(name: "recipient.name", summary: "Who gets the mail", sample: "Alice Example"),
        EmailField(name: "desk.url", summary: "Where the desk is", sample: "https://help.example.com"),
    ]

    private static let ticket = [
        EmailField(name: "ticket.number", summary: "Its number", sample: "42"),
        EmailField(name: "ticket.title", summary: "Its title", sample: "Printer on fire"),
        EmailField(name: "ticket.description", summary: "The whole story", sample: "It **burns**, and smells of toner.", isMarkdown: true),
        EmailField(name: "ticket.status", summary: "Where it stands", sample: "in progress"),
        EmailField(name: "ticket.priority", summary: "How much it presses", sample: "high"),
        EmailField(name: "ticket.url", summary: "Where it can be read", sample: "https://help.example.com/tickets/42"),
        EmailField(name: "requester.name", summary: "Who asked", sample: "Alice Example"),
        EmailField(name: "assignee.name", summary: "Who works on it; “nobody yet” where nobody does", sample: "Bob Example"),
    ]

    private static let actor = EmailField(name: "actor.name", summary: "Who did it", sample: "Bob Example")

    private static let change = [
        EmailField(name: "change.from", summary: "Where it stood before", sample: "open"),
        EmailField(name: "change.to", summary: "Where it stands now", sample: "in progress"),
    ]

    private static let comment = [
        EmailField(name: "comment.author", summary: "Who wrote", sample: "Bob Example"),
        EmailField(name: "comment.content", summary: "What they wrote", sample: "Please step *away* from it.", isMarkdown: true),
    ]

    private static let link = [
        EmailField(name: "link.url", summary: "The link, good once", sample: "https://help.example.com/reset?token=…"),
        EmailField(name: "link.lifetime", summary: "For how long it is good", sample: "one hour"),
    ]
}

extension EmailTemplateName: Word {}
