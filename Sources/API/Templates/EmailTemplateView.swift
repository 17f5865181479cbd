internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// What a mail says.
struct EmailTemplateView: Shaped, WithFields {
    var kept: KeptTemplate

    init(_ kept: KeptTemplate) { self.kept = kept }

    static let shape = Shape("EmailTemplate", "What a mail says", EmailTemplateView(KeptTemplate(.commentAdded))) {
        Field("name", from: \.kept.name, .word(EmailTemplateName.self), "Which mail")
        Field("subject", \.kept.text.subject, .text(EmailTemplate.subjectLength), "One line, with fields such as `{{ticket.number}}`")
        Field("body", \.kept.text.body, .text(EmailTemplate.bodyLength), "Markdown, with fields such as `{{ticket.title}}`")
        Field("is_default", \.kept.isDefault, .boolean, "Whether it is the one that is built in")
        Field("fields", from: { $0.kept.name.fields.map(EmailFieldView.init) }, Self.fieldList, "The fields that it may have")
        Field("updated_at", \.kept.updatedAt, Kind<Moment>.moment.optional, "When an admin last changed it; null when nobody ever did")
    }

    private static let fieldList = Kind<[EmailFieldView]>.list(of: .object(EmailFieldView.self), atMost: 100)

    var fields: [Response.Field] { [EntityTag(revision: kept.revision, view: "t").field] }
}

/// A field that a mail may have.
struct EmailFieldView: Shaped {
    var name = ""
    var summary = ""

    init() {}

    init(_ field: EmailField) { (name, summary) = (field.name, field.summary) }

    static let shape = Shape("EmailField", "A field that a mail may have", EmailFieldView()) {
        Field("name", \.name, .text(1...100), "Its name, to be put between `{{` and `}}`")
        Field("description", \.summary, .text(1...200), "What stands in its place")
    }
}

/// All mails. They are few, so it is one page.
struct EmailTemplateList: Shaped {
    var items: [EmailTemplateView] = []

    static let shape = Shape("EmailTemplateList", "What our mails say", EmailTemplateList()) {
        Field("items", \.items, .list(of: .object(EmailTemplateView.self), atMost: 100), "All of them")
        Field("next", from: { _ in String?.none }, Kind<String>.text(0...0).optional, "Nothing: this is all of them")
    }
}

/// What a mail shall say.
struct EmailTextBody: Shaped {
    var text = EmailText(subject: "", body: "")

    static let shape = Shape("EmailText", "What a mail shall say", EmailTextBody()) {
        Field("subject", \.text.subject, .text(EmailTemplate.subjectLength), "One line, with fields such as `{{ticket.number}}`")
        Field("body", \.text.body, .text(EmailTemplate.bodyLength), "Markdown, with fields such as `{{ticket.title}}`")
    }
}

/// What a mail would say.
struct PreviewBody: Shaped {
    var subject: String?
    var body: String?
    var ticket: TicketName?

    static let shape = Shape("EmailPreviewRequest", "What to show a mail with", PreviewBody()) {
        Field("subject", \.subject, Kind<String>.text(EmailTemplate.subjectLength).orAbsent, "In place of the one that is kept")
        Field("body", \.body, Kind<String>.text(EmailTemplate.bodyLength).orAbsent, "In place of the one that is kept")
        Field("ticket", \.ticket, Kind<TicketName>.ticketName.orAbsent, "A ticket, by id or number; without one it is about a sample")
    }

    /// The text with what is given in place of what is kept.
    func text(_ kept: EmailText) -> EmailText { EmailText(subject: subject ?? kept.subject, body: body ?? kept.body) }
}

/// A mail as it would go out.
struct EmailPreview: Shaped {
    var subject = ""
    var text = ""
    var html = ""

    init() {}

    init(_ filled: FilledEmail, html: String) { (subject, text, self.html) = (filled.subject, filled.text, html) }

    static let shape = Shape("EmailPreview", "A mail as it would go out", EmailPreview()) {
        Field("subject", \.subject, .text(0...300), "The subject")
        Field("text", \.text, .text(0...1_000_000), "The plain text")
        Field("html", \.html, .text(0...Int.max), "The same as HTML")
    }
}
