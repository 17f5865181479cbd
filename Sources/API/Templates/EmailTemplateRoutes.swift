internal import Codec
internal import Domain
public import HTTP
public import Helpdesk

/// `/email-templates`: what our mails say.
public enum EmailTemplateRoutes {
    public static func declare(in desk: inout DeskRoutes) {
        desk.routes.parameter(
            "template", .text(1...40), "Which mail: \(EmailTemplateName.allCases.map(\.rawValue).joined(separator: ", "))")
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
        desk.change(
            .post, "/email-templates/{template}/preview", .admin, "Shows a mail, with what is kept or given, about a ticket or a sample",
            takes: PreviewBody.self, gives: .ok(EmailPreview.self)
        ) { ask, work in
            let name: EmailTemplateName = try ask.path.template
            let kept = try await work.look.emailTemplate(name, as: ask.caller)
            let values = try await work.look.emailValues(name, about: ask.body.ticket, as: ask.caller)
            return EmailPreview(try EmailTemplate(name, ask.body.text(kept.text)).filled(values))
        }
    }
}

extension EmailTemplateName: PathParameter {
    public init?(path text: String) { self.init(rawValue: text) }
}
