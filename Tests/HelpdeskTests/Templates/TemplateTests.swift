import Domain
import Testing

@testable import Helpdesk

@Suite("Templates") struct TemplateTests {
    private func read(_ text: String, _ known: Set<String> = ["a", "b.c"]) -> (template: Template, faults: [Template.Fault]) {
        var faults: [Template.Fault] = []
        let template = Template(text, known: known, faults: &faults)
        return (template, faults)
    }

    @Test("fields are filled, with or without blanks in the braces")
    func filled() {
        let (template, faults) = read("Hello {{a}}, {{ b.c }}! {a} }} {")
        #expect(faults.isEmpty && template.fields == ["a", "b.c"])
        #expect(template.filled { "<\($0)>" } == "Hello <a>, <b.c>! {a} }} {")
    }

    @Test("what is filled in is not read again")
    func once() { #expect(read("{{a}}{{b.c}}").template.filled { $0 == "a" ? "{{b.c}}" : "x" } == "{{b.c}}x") }

    @Test("braces behind a backslash are braces")
    func escaped() {
        let (template, faults) = read(#"\{{a}} is {{a}}"#)
        #expect(faults.isEmpty && template.filled { _ in "1" } == "{{a}} is 1")
    }

    @Test("all that is wrong is told, with its place")
    func faults() {
        let faults = read("{{x}} and {{}}\né {{a\n{{b.c}} {{ {{a}}").faults
        #expect(faults.map(\.kind) == ["unknown_field", "unknown_field", "unclosed_field", "unclosed_field"])
        #expect(faults.map { [$0.line, $0.column] } == [[1, 1], [1, 11], [2, 3], [3, 9]])
        #expect(faults[0].message == "There is no field x in this template")
    }

    @Test("every text that is built in is good, and names each field that its mail needs", arguments: EmailTemplateName.allCases)
    func builtIn(name: EmailTemplateName) throws {
        let values = Dictionary(uniqueKeysWithValues: name.fields.map { ($0.name, $0.sample) })
        let filled = try EmailTemplate(name, name.builtIn).filled(values)
        #expect(!filled.subject.contains("{{") && !filled.text.contains("{{") && !filled.markdown.contains("{{"))
        #expect(values.count == name.fields.count)
    }

    @Test("nothing that is filled in makes a header, and no subject is longer than one is")
    func subject() throws {
        let template = try EmailTemplate(.commentAdded, EmailText(subject: "Re: {{ticket.title}}", body: "x"))
        let filled = template.filled(["ticket.title": "a\r\nBcc: eve@example.com\u{2028}b\u{0}"])
        #expect(filled.subject == "Re: a  Bcc: eve@example.com b ")
        #expect(template.filled(["ticket.title": String(repeating: "ä", count: 300)]).subject.unicodeScalars.count == 255)
    }

    @Test("what people are called means nothing in Markdown, and what they wrote ends with itself")
    func markdown() throws {
        let template = try EmailTemplate(
            .commentAdded, EmailText(subject: "x", body: "{{comment.author}}: {{comment.content}}See {{ticket.url}}"))
        let filled = template.filled([
            "comment.author": "[x](http://evil)<b>", "comment.content": "```\nopen", "ticket.url": "https://help.example.com/tickets/1",
        ])
        #expect(
            filled.markdown == #"\[x\]\(http\:\/\/evil\)\<b\>: "# + "\n\n> ```\n> open\n\nSee <https://help.example.com/tickets/1>")
        #expect(filled.text == "[x](http://evil)<b>: ```\nopenSee https://help.example.com/tickets/1")
    }

    @Test("what is wrong with a subject and a body is told at once")
    func invalid() throws {
        let text = EmailText(subject: "a\nb {{x}}", body: "{{ticket.title}}")
        do {
            _ = try EmailTemplate(.passwordReset, text)
            Issue.record("it was taken")
        } catch DeskError.invalid(let faults) {
            #expect(faults.map(\.location) == ["subject", "body", "subject"])
            #expect(faults.map(\.kind) == ["unknown_field", "unknown_field", "value_error"])
            #expect(faults[0].line == 2 && faults[0].column == 3)
        }
        #expect(
            throws: DeskError.invalid([InvalidField("body", "missing_field", "This mail is of no use without {{link.url}}")])
        ) { try EmailTemplate(.passwordReset, EmailText(subject: "x", body: "y")) }
    }
}
