import Domain
import Helpdesk
import TestEngines
import Testing

@Suite("What mails say") struct EmailTemplateTests {
    @Test("admins write it, and go back to what is built in", arguments: TestEngine.all)
    func written(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let text = EmailText(subject: "#{{ticket.number}}", body: "{{comment.content}}")
            let first = try await desk.read { look in try await look.emailTemplate(.commentAdded, as: desk.admin) }
            #expect((first.isDefault, first.revision, first.text) == (true, 0, EmailTemplateName.commentAdded.builtIn))
            for _ in 0..<2 {
                let kept = try await desk.write { work in try await work.write(text, for: .commentAdded, expecting: nil, as: desk.admin) }
                #expect((kept.isDefault, kept.revision, kept.text) == (false, 1, text))
            }
            await #expect(throws: DeskError.stale) {
                try await desk.write { work in try await work.write(text, for: .commentAdded, expecting: 0, as: desk.admin) }
            }
            let all = try await desk.read { look in try await look.emailTemplates(as: desk.admin) }
            #expect(all.map(\.name) == EmailTemplateName.allCases && all.map(\.isDefault) == [true, true, true, false, true, true])
            for _ in 0..<2 { try await desk.write { work in try await work.dropTemplate(.commentAdded, as: desk.admin) } }
            let last = try await desk.read { look in try await look.emailTemplate(.commentAdded, as: desk.admin) }
            #expect((last.isDefault, last.revision, last.text) == (true, 2, EmailTemplateName.commentAdded.builtIn))
        }
    }

    @Test("nobody else sees or writes it", arguments: TestEngine.all)
    func forbidden(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let why = DeskError.forbidden("Only admins see and change what mails say")
            for caller in [desk.agent, desk.customer] {
                await #expect(throws: why) { try await desk.read { look in try await look.emailTemplates(as: caller) } }
                await #expect(throws: why) {
                    try await desk.write { work in try await work.write(EmailText(subject: "x", body: "y"), for: .commentAdded, as: caller)
                    }
                }
                await #expect(throws: why) { try await desk.write { work in try await work.dropTemplate(.commentAdded, as: caller) } }
            }
        }
    }

    @Test("a preview is about the ticket that is named", arguments: TestEngine.all)
    func preview(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket("Printer {{on}} fire")
            let values = try await desk.read { look in
                try await look.emailValues(.ticketCreated, about: .number(ticket.number), as: desk.admin)
            }
            let filled = try EmailTemplate(.ticketCreated, EmailTemplateName.ticketCreated.builtIn).filled(values)
            #expect(filled.subject == "[#\(ticket.number)] We have your request: Printer {{on}} fire")
            #expect(filled.text.contains("It burns.") && filled.text.contains("http://127.0.0.1:3000/tickets/\(ticket.number)"))
            await #expect(throws: DeskError.notFound("Ticket not found")) {
                try await desk.read { look in try await look.emailValues(.ticketCreated, about: .number(4711), as: desk.admin) }
            }
        }
    }
}
