internal import Domain

/// A mail as it goes out.
public struct FilledEmail: Sendable, Equatable {
    public let subject: String
    /// For readers of plain text: Markdown reads well as it is, and what people wrote stands there as they wrote it.
    public let text: String
    /// For who makes HTML of it, and shows tags in it as the text that they are. What people wrote as Markdown is a quotation, which ends
    /// whatever they left open; of all else that they wrote no sign means anything.
    public let markdown: String
}

/// A mail's text, read and found good.
public struct EmailTemplate: Sendable {
    public static let subjectLength = 1...255
    public static let bodyLength = 1...65_536

    let name: EmailTemplateName
    private let subject: Template
    private let body: Template
    private let markdownFields: Set<String>

    /// Throws `.invalid` with all that is wrong, each with its place.
    public init(_ name: EmailTemplateName, _ text: EmailText) throws {
        let known = Set(name.fields.map(\.name))
        var inSubject: [Template.Fault] = []
        var inBody: [Template.Fault] = []
        let subject = Template(text.subject, known: known, faults: &inSubject)
        let body = Template(text.body, known: known, faults: &inBody)
        var faults = inSubject.map { InvalidField($0, in: "subject") } + inBody.map { InvalidField($0, in: "body") }
        if text.subject.unicodeScalars.contains(where: \.endsLineOrIsControl) {
            faults.append(InvalidField("subject", "value_error", "A subject is one line, without control characters"))
        }
        if let needed = name.neededField, inBody.isEmpty, !body.fields.contains(needed) {
            faults.append(InvalidField("body", "missing_field", "This mail is of no use without {{\(needed)}}"))
        }
        guard faults.isEmpty else { throw DeskError.invalid(faults) }
        self.name = name
        self.subject = subject
        self.body = body
        markdownFields = Set(name.fields.filter(\.isMarkdown).map(\.name))
    }

    /// Puts values in the places of fields. One that is not given is empty.
    public func filled(_ values: [String: String]) -> FilledEmail {
        FilledEmail(
            subject: subject.filled { (values[$0] ?? "").asOneLine }.asSubject,
            text: body.filled { (values[$0] ?? "").withoutControls },
            markdown: body.filled { name in
                let value = (values[name] ?? "").withoutControls
                if markdownFields.contains(name) { return value.asQuotation }
                return name.hasSuffix(".url") ? value.asOneLine.asLink : value.asOneLine.escapedForMarkdown
            })
    }
}

extension InvalidField {
    fileprivate init(_ fault: Template.Fault, in location: String) {
        self.init(location, fault.kind, "\(fault.message) (line \(fault.line), column \(fault.column))")
        (line, column) = (fault.line, fault.column)
    }
}

extension Unicode.Scalar {
    /// Whether it could end a header's line, or is seen by no reader.
    fileprivate var endsLineOrIsControl: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

extension String {
    /// With a blank in the place of every end of a line and control character.
    var asOneLine: String {
        var text = ""
        text.unicodeScalars.append(contentsOf: unicodeScalars.map { $0.endsLineOrIsControl ? " " : $0 })
        return text
    }

    /// Line ends and tabs stay.
    fileprivate var withoutControls: String {
        var text = ""
        text.unicodeScalars.append(
            contentsOf: unicodeScalars.filter { $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control })
        return text
    }

    /// Not longer than a subject is, whatever was put into it.
    fileprivate var asSubject: String {
        unicodeScalars.count <= 255 ? self : String(String.UnicodeScalarView(unicodeScalars.prefix(254))) + "…"
    }

    /// Every sign of ASCII that Markdown could take for one of its own, behind a backslash (CommonMark 2.4); so none of it is HTML either.
    fileprivate var escapedForMarkdown: String {
        var text = ""
        for scalar in unicodeScalars {
            if scalar.isASCII, scalar.properties.generalCategory.isPunctuationOrSymbol { text.unicodeScalars.append("\\") }
            text.unicodeScalars.append(scalar)
        }
        return text
    }

    /// A block of its own, wherever it is put.
    fileprivate var asQuotation: String {
        let lines = split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return "\n\n\(lines.map { "> \($0)" }.joined(separator: "\n"))\n\n"
    }

    /// One of our own addresses, which hold neither blanks nor brackets; what does is no link.
    fileprivate var asLink: String {
        unicodeScalars.contains { $0 == " " || $0 == "<" || $0 == ">" } || isEmpty ? escapedForMarkdown : "<\(self)>"
    }
}

extension Unicode.GeneralCategory {
    fileprivate var isPunctuationOrSymbol: Bool {
        switch self {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation,
            .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol:
            true
        default: false
        }
    }
}
