internal import Codec
internal import Glibc

/// Finds the route of a request, and turns what goes wrong into an answer.
///
/// The routes stand in a trie by segments; a literal is tried before a parameter, so `/tickets/my` is not a ticket called "my". A
/// trailing slash is the same route. The path is decoded once, segment by segment, after it was split: an encoded slash is no slash.
public final class Router: Sendable {
    public let routes: [Route]
    private let nodes: [Node]
    private let mayCall: Routes.Guard
    /// Told of every error that is ours, with the request's id; the client is told nothing of it.
    private let report: @Sendable (any Error, Request) -> Void

    private struct Node: Sendable {
        var literals: [(text: [UInt8], node: Int)] = []
        var parameter: Int?
        var names: [String] = []
        /// By `Method.rawValue`.
        var routes: [Route?] = Array(repeating: nil, count: Method.allCases.count)
        var allow = ""
    }

    public init(_ routes: Routes, report: @escaping @Sendable (any Error, Request) -> Void) {
        self.routes = routes.all
        self.report = report
        mayCall = routes.mayCall
        var nodes = [Node()]
        for route in routes.all { Self.insert(route, into: &nodes) }
        for index in nodes.indices { nodes[index].allow = Self.allow(nodes[index]) }
        self.nodes = nodes
    }

    private static func insert(_ route: Route, into nodes: inout [Node]) {
        let pattern = RoutePattern(route.pattern)
        var at = 0
        for part in pattern.parts {
            switch part {
            case .literal(let text):
                if let next = nodes[at].literals.first(where: { $0.text == text }) {
                    at = next.node
                } else {
                    nodes.append(Node())
                    nodes[at].literals.append((text, nodes.count - 1))
                    at = nodes.count - 1
                }
            case .parameter:
                if nodes[at].parameter == nil {
                    nodes.append(Node())
                    nodes[at].parameter = nodes.count - 1
                }
                at = nodes[at].parameter ?? at
            }
        }
        let place = Int(route.method.rawValue)
        precondition(nodes[at].routes[place] == nil, "\(route.method.text) \(route.pattern) is declared twice")
        precondition(pattern.names.count <= Captures.limit && pattern.parts.count < RouteMatch.segmentLimit, "\(route.pattern) is too long")
        precondition(nodes[at].names.isEmpty || nodes[at].names == pattern.names, "\(route.pattern): its parameters have other names elsewhere")
        nodes[at].names = pattern.names
        nodes[at].routes[place] = route
        // HEAD works where GET does.
        if route.method == .get, nodes[at].routes[Int(Method.head.rawValue)] == nil {
            nodes[at].routes[Int(Method.head.rawValue)] = route
        }
    }

    private static func allow(_ node: Node) -> String {
        var methods = Method.allCases.filter { node.routes[Int($0.rawValue)] != nil }.map(\.text.description)
        if !methods.isEmpty { methods.append("OPTIONS") }
        return methods.joined(separator: ", ")
    }

    // MARK: - Answering

    /// Answers a request. Whatever is thrown becomes an answer: a `Refusal` the one it says, everything else an internal error
    /// without a word of why.
    public func respond(to request: Request) async -> Response {
        do {
            if request.method == .options { return try options(request) }
            let route = try route(request)
            if route.access.needsCredential || request.has(.authorization) { try await mayCall(route.access, request) }
            return try await route.handler(request)
        } catch let refusal as Refusal {
            return refusal.response(for: request)
        } catch is ConnectionLost {
            return Response(.badRequest)
        } catch {
            report(error, request)
            return Refusal(.internalServerError, "Something went wrong on our side").response(for: request)
        }
    }

    private func route(_ request: Request) throws -> Route {
        guard let found = try find(request) else { throw Refusal.notFound() }
        guard let route = nodes[found].routes[Int(request.method.rawValue)] else {
            let allow = Response.Field("allow", nodes[found].allow)
            throw Refusal(.methodNotAllowed, "\(request.methodText) is not possible here", fields: [allow])
        }
        request.match.names = nodes[found].names
        request.route = route
        return route
    }

    /// Says which methods the path knows, or the server where the path is `*`.
    private func options(_ request: Request) throws -> Response {
        if request.path == "*" { return Response(.noContent, fields: [.init("allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")]) }
        guard let found = try find(request) else { throw Refusal.notFound() }
        return Response(.noContent, fields: [.init("allow", nodes[found].allow)])
    }

    /// The node that the path leads to and that has routes.
    private func find(_ request: Request) throws -> Int? {
        try request.match.split(request)
        var captures = Captures()
        let found = withExtendedLifetime(request.buffer) {
            request.match.withBytes(request) { walk(0, 0, $0, request.match, &captures) }
        }
        request.match.captures = captures
        return found
    }

    private func walk(
        _ node: Int, _ depth: Int, _ path: UnsafeRawBufferPointer, _ match: borrowing RouteMatch, _ captures: inout Captures
    ) -> Int? {
        if depth == match.count { return nodes[node].allow.isEmpty ? nil : node }
        let range = match.segments[depth].range
        let segment = UnsafeRawBufferPointer(rebasing: path[range])
        for literal in nodes[node].literals where segment.isExactly(literal.text) {
            if let found = walk(literal.node, depth + 1, path, match, &captures) { return found }
            break
        }
        guard let next = nodes[node].parameter, !segment.isEmpty else { return nil }
        let captured = captures.count
        captures.push(depth)
        if let found = walk(next, depth + 1, path, match, &captures) { return found }
        captures.drop(to: captured)
        return nil
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func isExactly(_ text: [UInt8]) -> Bool {
        count == text.count && (count == 0 || text.withUnsafeBytes { memcmp(baseAddress!, $0.baseAddress!, count) } == 0)
    }
}
