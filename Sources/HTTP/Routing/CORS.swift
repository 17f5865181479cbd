internal import Codec

/// Which pages of other origins may read answers (the Fetch standard's CORS protocol). Credentials are never allowed: our callers
/// carry tokens, not cookies.
public struct CORS: Sendable {
    public enum Origins: Sendable, Equatable {
        /// Only pages of the server's own origin, which need no leave.
        case none
        case any
        case listed([String])
    }

    private let origins: Origins

    public init(_ origins: Origins) { self.origins = origins }

    /// Our own fields, which a page may read beside those that the standard lets through.
    private static let exposed = """
        ETag, Link, Location, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, Idempotency-Replayed, X-Request-Id
        """

    /// What a server answers with: the router's answers, marked for the pages that may read them.
    public func around(_ router: Router) -> Responder {
        // Without origins to look for there is nothing to add, so nothing stands in a request's way.
        if case .none = origins { return Responder(atOnce: router.respondAtOnce, waiting: router.respond) }
        return Responder { request in
            router.respondAtOnce(to: request).map { self.marked($0, for: request) }
        } waiting: { request in
            self.marked(await router.respond(to: request), for: request)
        }
    }

    private func marked(_ response: Response, for request: Request) -> Response {
        var response = response
        let allowed = allowedOrigin(of: request)
        if request.method == .options { answerPreflight(request, allowed, &response) }
        // A route that is open to every site says so itself.
        let isMarked = response.fields.contains { $0.name.description == "access-control-allow-origin" }
        if let allowed, !isMarked {
            response.fields.append(.init("access-control-allow-origin", allowed))
            response.fields.append(.init("access-control-expose-headers", Self.exposed))
        }
        if case .listed = origins { response.fields.append(.init("vary", "origin")) }
        return response
    }

    /// What to answer to the request's origin; nil when it has none or may not read.
    private func allowedOrigin(of request: Request) -> String? {
        switch origins {
        case .none: return nil
        case .any: return request.has(.origin) ? "*" : nil
        case .listed(let list):
            guard let origin = request[.origin], list.contains(where: origin.lowercased().hasSameBytes) else { return nil }
            return origin
        }
    }

    /// Adds what a page's preflight asks for to the answer that every `OPTIONS` gets.
    private func answerPreflight(_ request: Request, _ allowed: String?, _ response: inout Response) {
        guard allowed != nil, request.has(.requestMethod), let methods = response.fields.first(where: { $0.name.description == "allow" })
        else {
            return
        }
        response.fields.append(.init("access-control-allow-methods", methods.value))
        response.fields.append(
            .init("access-control-allow-headers", request[.requestHeaders] ?? "Authorization, Content-Type, Idempotency-Key, If-Match"))
        response.fields.append(.init("access-control-max-age", "7200"))
    }
}
