public import Domain
internal import Storage

/// A mail's text as it is now.
public struct KeptTemplate: Sendable {
    public let name: EmailTemplateName
    public var text: EmailText
    /// Whether it is the one that is built in.
    public var isDefault: Bool
    /// When an admin last changed it; nil when nobody ever did.
    public var updatedAt: Moment?
    public var revision: Int

    public init(_ name: EmailTemplateName, _ text: EmailText? = nil, updatedAt: Moment? = nil, revision: Int = 0) {
        self.name = name
        self.text = text ?? name.builtIn
        isDefault = text == nil
        self.updatedAt = updatedAt
        self.revision = revision
    }
}

extension Look {
    public func emailTemplates(as caller: Caller) async throws -> [KeptTemplate] {
        try caller.mustManageTemplates()
        let kept = try await db.all("SELECT name, subject, body, updated_at, revision FROM email_templates") { $0.emailTemplate() }
        return EmailTemplateName.allCases.map { name in kept.compactMap { $0 }.first { $0.name == name } ?? KeptTemplate(name) }
    }

    public func emailTemplate(_ name: EmailTemplateName, as caller: Caller) async throws -> KeptTemplate {
        try caller.mustManageTemplates()
        return try await db.emailTemplate(name)
    }

    /// What is put into a mail's fields: a ticket's own where one is named, and samples for all else. Throws `.notFound` for a ticket that
    /// the caller does not see.
    public func emailValues(
        _ template: EmailTemplateName, about ticket: TicketName?, as caller: Caller
    ) async throws -> [String: String] {
        var values = Dictionary(uniqueKeysWithValues: template.fields.map { ($0.name, $0.sample) })
        values["desk.url"] = desk.rules.publicURL
        guard let ticket else { return values }
        values.merge(try await self.ticket(ticket, as: caller).emailValues(desk.rules)) { _, own in own }
        return values
    }
}

extension Work {
    /// Writes a mail's text. Throws `.invalid` with all that is wrong with it, and `.stale` when the caller knows an older one.
    public func write(
        _ text: EmailText, for name: EmailTemplateName, expecting revision: Int? = nil, as caller: Caller
    ) async throws -> KeptTemplate {
        try caller.mustManageTemplates()
        _ = try EmailTemplate(name, text)
        let before = try await templateToChange(name, expecting: revision)
        if !before.isDefault, before.text == text { return before }
        return try await keep(text, in: before)
    }

    /// Goes back to the text that is built in.
    public func dropTemplate(_ name: EmailTemplateName, expecting revision: Int? = nil, as caller: Caller) async throws {
        try caller.mustManageTemplates()
        let before = try await templateToChange(name, expecting: revision)
        if !before.isDefault { _ = try await keep(nil, in: before) }
    }

    private func templateToChange(_ name: EmailTemplateName, expecting revision: Int?) async throws -> KeptTemplate {
        // A row to lock, where nobody has written anything yet.
        try await db.run(
            """
            INSERT INTO email_templates (name, subject, body, updated_at, revision)
            VALUES (\(name.rawValue), \(String?.none), \(String?.none), 0, 0) ON CONFLICT DO NOTHING
            """)
        let before = try await db.emailTemplate(name, lock: true)
        guard revision == nil || revision == before.revision else { throw DeskError.stale }
        return before
    }

    private func keep(_ text: EmailText?, in before: KeptTemplate) async throws -> KeptTemplate {
        let after = KeptTemplate(before.name, text, updatedAt: now, revision: before.revision + 1)
        try await db.run(
            """
            UPDATE email_templates SET subject = \(text?.subject), body = \(text?.body), updated_at = \(now), revision = \(after.revision)
            WHERE name = \(before.name.rawValue)
            """)
        return after
    }
}

extension Caller {
    /// Throws `.forbidden` unless they may say what mails say.
    fileprivate func mustManageTemplates() throws(DeskError) {
        guard mayManageTemplates else { throw .forbidden("Only admins see and change what mails say") }
    }
}

extension Connection {
    fileprivate func emailTemplate(_ name: EmailTemplateName, lock: Bool = false) async throws -> KeptTemplate {
        let lock: SQL = lock ? engine.lock : ""
        let kept = try await all(
            "SELECT name, subject, body, updated_at, revision FROM email_templates WHERE name = \(name.rawValue)\(lock)"
        ) { $0.emailTemplate() }
        return kept.first.flatMap { $0 } ?? KeptTemplate(name)
    }
}

extension Row {
    /// Nil for a mail that this release does not send.
    fileprivate mutating func emailTemplate() -> KeptTemplate? {
        let name = EmailTemplateName(rawValue: text())
        let (subject, body) = (optionalText(), optionalText())
        let (updatedAt, revision) = (moment(), int())
        guard let name else { return nil }
        var text: EmailText?
        if let subject, let body { text = EmailText(subject: subject, body: body) }
        return KeptTemplate(name, text, updatedAt: revision == 0 ? nil : updatedAt, revision: revision)
    }
}

extension Ticket {
    /// What a mail about it says of it.
    func emailValues(_ rules: Rules) -> [String: String] {
        [
            "ticket.number": String(number), "ticket.title": title, "ticket.description": description,
            "ticket.status": status.inWords, "ticket.priority": priority.rawValue, "ticket.url": "\(rules.publicURL)/tickets/\(number)",
            "requester.name": requester.name, "assignee.name": assignee?.name ?? "nobody yet", "recipient.name": requester.name,
            "change.to": status.inWords,
        ]
    }
}

extension Status {
    /// As a mail says it in a sentence.
    var inWords: String { rawValue.split(separator: "_").joined(separator: " ") }
}
