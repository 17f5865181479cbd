public import Domain
internal import Synchronization

extension Desk {
    /// Up to so many bytes a text is rendered where it is asked for; a longer one where it holds up nobody. The worst text of this size takes
    /// less than a millisecond, and one of 65,536 characters a tenth of a second.
    private static let quickBytes = 4096

    /// A text as HTML. Throws `.busy` when too much waits for a thread already.
    public func html(of text: String, _ style: Markdown) async throws -> String {
        let home = rules.publicURL
        if text.utf8.count <= Self.quickBytes { return style.html(of: text, at: home) }
        let made = Made("")
        try await outside.offload {
            let html = style.html(of: text, at: home)
            made.value.withLock { $0 = html }
        }
        return made.value.withLock { $0 }
    }

    /// An article's content as HTML, kept for the next reader when it is published.
    public func html(of article: Article, _ style: Markdown = .article) async throws -> String {
        let key = RenderedArticles.Key(article: article.id, revision: article.revision, style: style)
        if let html = rendered.find(key) { return html }
        let html = try await html(of: article.content, style)
        if article.isPublished { rendered.keep(html, for: key) }
        return html
    }

    /// A mail's text as HTML.
    public func html(of email: FilledEmail) async throws -> String { try await html(of: email.markdown, .message) }

    /// Several texts as HTML, such as a page of comments: many long ones together cost no more than `PatientMarkdown` has time for.
    public func html(of texts: [String], _ style: Markdown) async throws -> [String] {
        let home = rules.publicURL
        if texts.reduce(0, { $0 + $1.utf8.count }) <= Self.quickBytes { return texts.map { style.html(of: $0, at: home) } }
        let made = Made<[String]>([])
        try await outside.offload {
            var patience = PatientMarkdown(style, home: home)
            let html = texts.map { patience.html(of: $0) }
            made.value.withLock { $0 = html }
        }
        return made.value.withLock { $0 }
    }

    private final class Made<Value: Sendable>: Sendable {
        let value: Mutex<Value>

        init(_ value: Value) { self.value = Mutex(value) }
    }
}

/// Articles' HTML as it was made lately, up to a number of bytes. What was kept first goes first.
final class RenderedArticles: Sendable {
    struct Key: Hashable {
        let article: Article.ID
        let revision: Int
        let style: Markdown
    }

    private struct State {
        var known: [Key: String] = [:]
        var order: [Key] = []
        var bytes = 0
    }

    private static let most = 8 * 1024 * 1024

    private let state = Mutex(State())

    func find(_ key: Key) -> String? { state.withLock { $0.known[key] } }

    func keep(_ html: String, for key: Key) {
        let size = html.utf8.count
        guard size <= Self.most / 4 else { return }
        state.withLock { state in
            guard state.known.updateValue(html, forKey: key) == nil else { return }
            state.order.append(key)
            state.bytes += size
            guard state.bytes > Self.most else { return }
            // A quarter at once, so that the order is not moved for each.
            var gone = 0
            while state.bytes > Self.most * 3 / 4, gone < state.order.count {
                state.bytes -= state.known.removeValue(forKey: state.order[gone])?.utf8.count ?? 0
                gone += 1
            }
            state.order.removeFirst(gone)
        }
    }
}
