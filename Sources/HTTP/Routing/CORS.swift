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

    /// Answers `OPTIONS` (a page's preflight among them) and marks every other answer.
    public func around(_ router: Router) -> Responder {
        { request in
            let allowed = self.allowedOrigin(of: request)
            var response = request.method == .options ? self.options(request, router, allowed) : await router.respond(to: request)
            if let allowed {
                response.fields.append(.init("access-control-allow-origin", allowed))
                response.fields.append(.init("access-control-expose-headers", Self.exposed))
            }
            if case .listed = self.origins { response.fields.append(.init("vary", "origin")) }
            return response
        }
    }

    /// What to answer to the request's origin; nil when it has none or may not read.
    private func allowedOrigin(of request: Request) -> String? {
        switch origins {
        case .none: return nil
        case .any: return request.has(.origin) ? "*" : nil
        case .listed(let list):
            guard let origin = request[.origin], list.contains(origin.lowercased()) else { return nil }
            return origin
        }
    }

    private func options(_ request: Request, _ router: Router, _ allowed: String?) -> Response {
        let isWhole = request.path == "*"
        guard let methods = isWhole ? "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" : router.allowedMethods(request) else {
            return Refusal.notFound().response(for: request)
        }
        var response = Response(.noContent, fields: [.init("allow", methods)])
        if allowed != nil, request.has(.requestMethod) {
            response.fields.append(.init("access-control-allow-methods", methods))
            response.fields.append(
                .init("access-control-allow-headers", request[.requestHeaders] ?? "Authorization, Content-Type, Idempotency-Key, If-Match"))
            response.fields.append(.init("access-control-max-age", "7200"))
        }
        return response
    }
}
