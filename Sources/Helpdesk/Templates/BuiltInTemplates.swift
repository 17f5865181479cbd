/// What stands in a mail: a subject of one line, and a body in Markdown.
public struct EmailText: Sendable, Equatable {
    public var subject: String
    public var body: String

    public init(subject: String, body: String) {
        self.subject = subject
        self.body = body
    }
}

extension EmailTemplateName {
    /// What is sent as long as no admin has written anything else.
    public var builtIn: EmailText {
        switch self {
        case .ticketCreated:
            EmailText(
                subject: "[#{{ticket.number}}] We have your request: {{ticket.title}}",
                body: """
                    Hello {{recipient.name}},

                    we have your request, and it has the number **{{ticket.number}}**. Somebody will look at it soon.

                    **{{ticket.title}}**

                    {{ticket.description}}

                    To add something, answer this mail, or go to {{ticket.url}}.

                    """)
        case .ticketAssigned:
            EmailText(
                subject: "[#{{ticket.number}}] Yours now: {{ticket.title}}",
                body: """
                    Hello {{recipient.name}},

                    ticket **{{ticket.number}}** is yours now; {{actor.name}} gave it to you. It is {{ticket.status}}, priority {{ticket.priority}}.

                    {{requester.name}} wrote:

                    {{ticket.description}}

                    Go to {{ticket.url}} to work on it.

                    """)
        case .ticketStatusChanged:
            EmailText(
                subject: "[#{{ticket.number}}] {{change.to}}: {{ticket.title}}",
                body: """
                    Hello {{recipient.name}},

                    your request **{{ticket.title}}** was {{change.from}} and is {{change.to}} now.

                    If that is not right, answer this mail, or go to {{ticket.url}}.

                    """)
        case .commentAdded:
            EmailText(
                subject: "[#{{ticket.number}}] {{ticket.title}}",
                body: """
                    {{comment.author}} wrote:

                    {{comment.content}}

                    Answer this mail, or go to {{ticket.url}}.

                    """)
        case .passwordReset:
            EmailText(
                subject: "Set a new password",
                body: """
                    Hello {{recipient.name}},

                    somebody, most likely you, asked for a new password. Set it here:

                    {{link.url}}

                    The link works once, for {{link.lifetime}}. If you did not ask for it, do nothing: your password stays as it is.

                    """)
        case .addressVerification:
            EmailText(
                subject: "Is this address yours?",
                body: """
                    Hello {{recipient.name}},

                    please confirm that this address is yours:

                    {{link.url}}

                    The link works once, for {{link.lifetime}}. If you did not register at {{desk.url}}, do nothing.

                    """)
        }
    }
}
