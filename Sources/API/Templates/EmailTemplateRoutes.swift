internal import Codec
internal import Domain
public import HTTP
public import Helpdesk

/// `/email-templates`: what our mails say.
public enum EmailTemplateRoutes {
    public static func declare(in desk: inout DeskRoutes) {
        desk.routes.parameter("template", Kind<EmailTemplateName>.word(EmailTemplateName.self).schema, "Which mail")
        desk.read("/email-templates", .admin, "Lists what our mails say", gives: .ok(EmailTemplateList.self)) { ask, look in
            EmailTemplateList(items: try await look.emailTemplates(as: ask.caller).map { EmailTemplateView($0) })
        }
        desk.read("/email-templates/{template}", .admin, "Gives what a mail says", gives: .ok(EmailTemplateView.self)) { ask, look in
            EmailTemplateView(try await look.emailTemplate(ask.path.template, as: ask.caller))
        }
        desk.change(
            .put, "/email-templates/{template}", .admin, "Says what a mail shall say", takes: EmailTextBody.self,
            gives: .ok(EmailTemplateView.self)
        ) { ask, work in
            let name: EmailTemplateName = try ask.path.template
            return EmailTemplateView(try await work.write(ask.body.text, for: name, expecting: ask.expectedRevision, as: ask.caller))
        }
        desk.change(.delete, "/email-templates/{template}", .admin, "Goes back to what the mail says by itself", gives: .noContent) {
            ask, work in
            try await work.dropTemplate(ask.path.template, expecting: ask.expectedRevision, as: ask.caller)
            return Nothing()
        }
        declarePreview(in: &desk)
    }

    /// It changes nothing, so it needs no transaction, and a long text is made HTML where it holds up nobody.
    private static func declarePreview(in desk: inout DeskRoutes) {
        let helpdesk = desk.desk
        desk.routes.answered(
            .post, "/email-templates/{template}/preview", .admin, "Shows a mail, with what is kept or given, about a ticket or a sample",
            query: Nothing.self, takes: PreviewBody.self, gives: .ok(EmailPreview.self)
        ) { request in
            _ = try request.query(as: Nothing.self, unknown: .refused)
            let body = try PreviewBody.read(json: try await request.wholeBody(as: PreviewBody.self), unknown: .refused)
            let (name, caller): (EmailTemplateName, Caller) = (try AskedPath(request).template, try request.mustBeSignedIn())
            try caller.mustBeAllowedToRead()
            let filled = try await helpdesk.read(for: request.asker) { look in
                let kept = try await look.emailTemplate(name, as: caller)
                return try EmailTemplate(name, body.text(kept.text)).filled(
                    try await look.emailValues(name, about: body.ticket, as: caller))
            }
            return Routes.response(.ok(EmailPreview.self), EmailPreview(filled, html: try await helpdesk.html(of: filled)))
        }
    }
}

extension EmailTemplateName: PathParameter {
    public init?(path text: String) { self.init(rawValue: text) }
}
