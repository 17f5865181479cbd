internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// `/help/{category}`: its published articles by title.
enum HelpCategoryPage {
    private static let pageLength = 100
    private static let lastPage = 100

    static func answer(_ request: Request, _ desk: Desk) async throws -> Response {
        let slug: String = try request.pathValues.category
        let number = try request.readQuery(as: PageNumber.self, unknown: .ignored).page
        let home = desk.rules.publicURL
        let offset = (number - 1) * pageLength
        let shelf = try await desk.helpShelves(for: request.asker).first { $0.slug.hasSameBytes(as: slug) }
        let entries = try await desk.read(for: request.asker) { look in
            try await look.helpEntries(on: slug, offset: offset, atMost: pageLength)
        }
        guard let shelf, !entries.isEmpty else { return HelpPage.missing(request.path).response(.notFound, at: home, to: request) }
        let path = HelpPage.path(ofCategory: slug)
        let name = shelf.name ?? "More articles"
        let rows = HelpPage.items(Array(entries.prefix(pageLength)))
        let page = HelpPage(
            title: number == 1 ? name : "\(name), page \(number)", summary: "\(name): \(shelf.count) articles.",
            path: number == 1 ? path : "\(path)?page=\(number)", trail: [(name, "")],
            main: """
                <h1>\(name.escapedForHTML)</h1>
                <p class="meta">\(shelf.count) \(shelf.count == 1 ? "article" : "articles")</p>
                <ul class="entries">\(rows)</ul>
                \(pages(path, number, goesOn: entries.count > pageLength && number < lastPage))
                """)
        return page.response(at: home, to: request)
    }

    private static func pages(_ path: String, _ number: Int, goesOn: Bool) -> String {
        guard number > 1 || goesOn else { return "" }
        let back = number > 1 ? "<a rel=\"prev\" href=\"\(path)\(number > 2 ? "?page=\(number - 1)" : "")\">Previous page</a>" : ""
        let on = goesOn ? "<a rel=\"next\" href=\"\(path)?page=\(number + 1)\">Next page</a>" : ""
        return "<nav class=\"pages\" aria-label=\"Pages\">\(back)\(on)</nav>"
    }

    private struct PageNumber: Shaped {
        var page = 1

        static let shape = Shape("PageNumber", "Which page", PageNumber()) {
            Field("page", \.page, .integer(1...lastPage), "From 1", required: false)
        }
    }
}
