/// Markdown as people write it (GFM) made into HTML that may stand on any page of ours, in a mail, or on a customer's own site.
///
///     Markdown.article.html(of: article.content, at: rules.publicURL)
///
/// cmark reads it, and `HTMLCleaner`, which trusts nobody, lets through what it knows. Tags that somebody wrote are shown as the text that
/// they are. It is made on the thread that asks; `Desk.html` takes long texts elsewhere.
public struct Markdown: Sendable, Hashable {
    /// Whether each line stays a line, as people who write messages expect.
    public var keepsLines: Bool
    /// Whether headings get ids to link to.
    public var namesHeadings: Bool
    /// By how many levels headings go down, where the page has one of its own above.
    public var headingShift = 0

    /// A ticket's description or a comment.
    public static let message = Markdown(keepsLines: true, namesHeadings: false)
    public static let article = Markdown(keepsLines: false, namesHeadings: true)

    public init(keepsLines: Bool, namesHeadings: Bool, headingShift: Int = 0) {
        self.keepsLines = keepsLines
        self.namesHeadings = namesHeadings
        self.headingShift = headingShift
    }

    /// The text as HTML: a part of a page, balanced and bounded, whatever the text is.
    ///
    /// - Parameter home: where the desk is, `https://help.example.com`; links elsewhere are marked as such.
    public func html(of text: String, at home: String) -> String {
        let rendered = MarkdownDocument(text, keepsLines: keepsLines).html
        var rules = HTMLRules(home: home)
        rules.namesHeadings = namesHeadings
        rules.headingShift = headingShift
        return String(decoding: HTMLCleaner.clean(rendered, rules), as: UTF8.self)
    }
}

extension Markdown {
    /// The beginning of what a text says, as plain words: for a description of a page, or a mail's preview.
    public static func summary(of text: String, atMost count: Int) -> String {
        // What stands far behind cannot be among the first words, but for what is left out.
        let beginning = String(String.UnicodeScalarView(text.unicodeScalars.prefix(count * 8)))
        let words = HTMLCleaner.words(of: MarkdownDocument(beginning, keepsLines: false).html)
        guard words.unicodeScalars.count > count else { return words }
        var cut = String.UnicodeScalarView(words.unicodeScalars.prefix(count - 1))
        while let last = cut.last, last != " " { cut.removeLast() }
        if cut.isEmpty { cut = String.UnicodeScalarView(words.unicodeScalars.prefix(count - 1)) }
        while cut.last == " " { cut.removeLast() }
        return String(cut) + "…"
    }
}
