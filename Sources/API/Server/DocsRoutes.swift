internal import Codec
public import HTTP

/// `/docs` and `/redoc`, where the API's description is drawn, and what those two pages are made of. Nothing of them comes from
/// another machine.
public struct DocsRoutes: Sendable {
    private let assets: Assets

    /// - Parameter assets: the embedded ones; the pages must be among them.
    public init(_ assets: Assets) { self.assets = assets }

    public func declare(in routes: inout Routes) {
        declare(page: "/docs", "Draws the description with Swagger UI, to try it out", .swagger, in: &routes)
        declare(page: "/redoc", "Draws the description with ReDoc, to read it", .redoc, in: &routes)
        routes.parameter("file", .text(1...100), "A file's name")
        let files = Assets(assets.all.filter { $0.path.hasPrefix(Self.folder) }.map { $0.with(.file) })
        routes.raw(.get, "\(Self.folder){file}", .open, "Gives a script, style or picture of these pages", gives: .anything) { request in
            let name: String = try request.pathValues.file
            guard let file = files[Self.folder + name] else { throw Refusal.notFound() }
            return file.response(to: request)
        }
    }

    private static let folder = "/assets/docs/"

    private func declare(page path: String, _ summary: String, _ policy: PagePolicy, in routes: inout Routes) {
        guard let page = assets[path]?.with(policy) else { preconditionFailure("\(path) is not among the assets") }
        routes.raw(.get, path, .open, summary, gives: .html) { page.response(to: $0) }
    }
}

/// What a page may load and do (Content Security Policy). Everything that is not said is forbidden.
struct PagePolicy {
    let text: String

    /// - Parameter forms: where its forms may go.
    init(forms: String = "'none'", _ directives: String...) {
        text = (["default-src 'none'", "base-uri 'none'", "form-action \(forms)", "frame-ancestors 'none'"] + directives).joined(
            separator: "; ")
    }

    static let swagger = PagePolicy("script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'")
    /// ReDoc makes style elements: empty ones, which it fills by script, and one with a text that never changes. The digests allow
    /// just these two texts. Its search runs in a worker that it makes from a blob.
    static let redoc = PagePolicy(
        "script-src 'self'",
        "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' 'sha256-DLDPR1ic47WIdK2WyeLkblb/tm2mQH+Jt/NNhZWu1k0='",
        "img-src 'self' data:", "connect-src 'self'", "worker-src blob:")
    /// For what is part of a page, when somebody opens it by itself.
    static let file = PagePolicy()
}

extension Asset {
    fileprivate func with(_ policy: PagePolicy) -> Asset {
        adding([.init("content-security-policy", policy.text), .init("referrer-policy", "no-referrer")])
    }
}

extension MediaType {
    /// For the document, where a route gives now one type, now another.
    fileprivate static let anything = MediaType("*/*", isCompressible: false)
}
