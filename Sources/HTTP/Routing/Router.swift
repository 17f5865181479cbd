internal import Codec
internal import Glibc

/// Finds the route of a request, and turns what goes wrong into an answer.
///
/// The routes stand in a trie by segments; a literal is tried before a parameter, so `/tickets/my` is not a ticket called "my". A
/// trailing slash is the same route. The path is decoded once, segment by segment, after it was split: an encoded slash is no slash.
///
/// A dialect's route may have the method and the path of one of ours. Ours is asked first, and the dialect's where ours knows nothing of
/// what it was asked for: it answers 404, or 401 to somebody without a credential. When the dialect's refuses too, the first answer counts.
public final class Router: Sendable {
    public let routes: [Route]
    private let root: Node
    /// The dialects' routes that stand behind ours, by the index of ours.
    private let alternatives: [Int: Route]
    private let mayCall: Routes.Guard
    /// Says what answer an error of the faces' own is; nil for one that nobody foresaw.
    private let translate: Translation
    /// Told of every error that is ours, with the request's id; the client is told nothing of it.
    private let report: @Sendable (any Error, Request) -> Void

    public typealias Translation = @Sendable (any Error) -> Refusal?

    /// A place in the trie. It is built once and never changes afterwards.
    private final class Node: Sendable {
        let literals: [(text: [UInt8], node: Node)]
        let parameter: Node?
        let names: [String]
        /// By `Method.rawValue`.
        let routes: [Route?]
        /// The methods it knows, as the `Allow` field tells them; empty where no path ends.
        let allow: String

        /// Builds the place that the first `depth` parts of all `routes` lead to.
        init(_ routes: [(parts: [RoutePattern.Part], route: Route)], depth: Int) {
            var table = [Route?](repeating: nil, count: Method.allCases.count)
            for (parts, route) in routes where parts.count == depth {
                precondition(table[Int(route.method.rawValue)] == nil, "\(route.method.text) \(route.pattern) is declared twice")
                table[Int(route.method.rawValue)] = route
            }
            // HEAD works where GET does.
            if table[Int(Method.head.rawValue)] == nil { table[Int(Method.head.rawValue)] = table[Int(Method.get.rawValue)] }
            let other = table.lazy.compactMap { $0 }.first { $0.takesOtherMethods }
            self.routes = table.map { $0 ?? other }
            let ending = table.lazy.compactMap { $0 }.first.map { RoutePattern($0.pattern).names }
            names = ending ?? []
            for (parts, route) in routes where parts.count == depth {
                precondition(RoutePattern(route.pattern).names == names, "\(route.pattern): its parameters have other names elsewhere")
            }
            let methods = Method.allCases.filter { table[Int($0.rawValue)] != nil }.map(\.text.description)
            allow = methods.isEmpty ? "" : (methods + ["OPTIONS"]).joined(separator: ", ")

            let deeper = routes.filter { $0.parts.count > depth }
            var texts: [[UInt8]] = []
            for case (let parts, _) in deeper {
                if case .literal(let text) = parts[depth], !texts.contains(text) { texts.append(text) }
            }
            literals = texts.map { text in (text, Node(deeper.filter { $0.parts[depth] == .literal(text) }, depth: depth + 1)) }
            let open = deeper.filter { if case .parameter = $0.parts[depth] { true } else { false } }
            parameter = open.isEmpty ? nil : Node(open, depth: depth + 1)
        }
    }

    public init(
        _ routes: Routes, translate: @escaping Translation = { _ in nil }, report: @escaping @Sendable (any Error, Request) -> Void
    ) {
        self.routes = routes.all
        self.translate = translate
        self.report = report
        mayCall = routes.mayCall
        alternatives = Self.alternatives(among: routes.all)
        let hidden = Set(alternatives.values.map(\.index))
        let patterns = routes.all.filter { !hidden.contains($0.index) }.map { (parts: RoutePattern($0.pattern).parts, route: $0) }
        for (parts, route) in patterns {
            let isShort = RoutePattern(route.pattern).names.count <= Captures.limit && parts.count < RouteMatch.segmentLimit
            precondition(isShort, "\(route.pattern) is too long")
        }
        root = Node(patterns, depth: 0)
    }

    static func alternatives(among routes: [Route]) -> [Int: Route] {
        var found: [Int: Route] = [:]
        for dialect in routes where dialect.isDialect {
            guard let own = routes.first(where: { !$0.isDialect && $0.method == dialect.method && $0.pattern == dialect.pattern }) else {
                continue
            }
            // A body is gone once it was read, and an open route is answered without a guard.
            precondition(own.input == nil && dialect.input == nil, "\(own.pattern): routes that share a path take no body")
            precondition(!own.access.ignoresCredential, "\(own.pattern): an open route is never asked again")
            precondition(found.updateValue(dialect, forKey: own.index) == nil, "\(dialect.pattern) is declared twice")
        }
        return found
    }

    // MARK: - Answering

    /// Answers a request if that needs no waiting; nil, with nothing done but the route found, if it does.
    func respondAtOnce(to request: Request) -> Response? {
        do {
            if request.method == .options { return try options(request) }
            let route = try route(request)
            guard case .atOnce(let answer) = route.answering, !needsGuard(route, request) else { return nil }
            return try answer(request)
        } catch {
            return response(to: error, request)
        }
    }

    /// Answers a request for which `respondAtOnce` has found the route.
    func respond(to request: Request) async -> Response {
        var response = await answer(to: request)
        // Whatever is asked for by a route that looks at credentials may be another answer for somebody else; a refusal is such an answer too.
        let isJSON = response.type?.isJSON ?? (response.status == .notModified)
        response.isPersonal = isJSON && request.route.map { needsGuard($0, request) } ?? false
        return response
    }

    private func answer(to request: Request) async -> Response {
        do {
            guard let route = request.route else { throw Refusal.notFound() }
            return try await ask(route, request)
        } catch {
            if let other = await otherAnswer(than: error, request) { return other }
            return response(to: error, request)
        }
    }

    private func ask(_ route: Route, _ request: Request) async throws -> Response {
        if needsGuard(route, request) { try await mayCall(route.access, request) }
        switch route.answering {
        case .atOnce(let answer): return try answer(request)
        case .waiting(let handler):
            let response = try await handler(request)
            if let count = request.byteCount, case .bytes(let bytes) = response.body { count.answered(bytes.count) }
            return response
        }
    }

    /// What a dialect's route says to what ours knows nothing of; nil when there is none, or when it knows nothing either.
    private func otherAnswer(than error: any Error, _ request: Request) async -> Response? {
        guard let route = request.route, let dialect = alternatives[route.index] else { return nil }
        switch refusal(for: error)?.status {
        case .notFound: break
        case .unauthorized where !request.has(.authorization): break
        default: return nil
        }
        request.isAskedAgain = true
        do {
            return try await ask(dialect, request)
        } catch {
            switch refusal(for: error)?.status {
            case .unauthorized, .forbidden, .notFound: return nil
            default: return response(to: error, request)
            }
        }
    }

    /// Whatever was thrown becomes an answer: a `Refusal` the one it says, what a face foresaw the one it translates to, everything
    /// else an internal error without a word of why.
    private func response(to error: any Error, _ request: Request) -> Response {
        if let refusal = error as? Refusal { return refusal.response(for: request) }
        if error is ConnectionLost { return Response(.badRequest) }  // Nobody is there to read it.
        let refusal = refusal(for: error) ?? Refusal(.internalServerError, "Something went wrong on our side")
        if refusal.status.rawValue >= 500 { report(error, request) }
        return refusal.response(for: request)
    }

    private func refusal(for error: any Error) -> Refusal? { error as? Refusal ?? translate(error) }

    private func needsGuard(_ route: Route, _ request: Request) -> Bool { !route.access.ignoresCredential }

    private func route(_ request: Request) throws -> Route {
        guard let found = try find(request) else { throw Refusal.notFound() }
        guard let route = found.routes[Int(request.method.rawValue)] else {
            let allow = Response.Field("allow", found.allow)
            throw Refusal(.methodNotAllowed, "\(request.methodText) is not possible here", fields: [allow])
        }
        if !found.names.isEmpty { request.work.pointee.match.names = found.names }
        request.route = route
        request.connection.serving.meters.begins(route: route.index)
        return route
    }

    /// Says which methods the path knows, or the server where the path is `*`.
    private func options(_ request: Request) throws -> Response {
        if request.path.equals("*") {
            return Response(.noContent, fields: [.init("allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")])
        }
        guard let found = try find(request) else { throw Refusal.notFound() }
        return Response(.noContent, fields: [.init("allow", found.allow)])
    }

    /// The place that the path leads to, if a path of ours ends there.
    private func find(_ request: Request) throws -> Node? {
        try request.work.pointee.match.split(request)
        request.work.pointee.match.captures = Captures()
        return request.work.pointee.match.withBytes(request) { Self.walk(root, 0, $0, request.work) }
    }

    private static func walk(_ node: Node, _ depth: Int, _ path: UnsafeRawBufferPointer, _ work: UnsafeMutablePointer<Request.Work>)
        -> Node?
    {
        if depth == work.pointee.match.count { return node.allow.isEmpty ? nil : node }
        let segment = UnsafeRawBufferPointer(rebasing: path[work.pointee.match.segments[depth].range])
        for literal in node.literals where segment.isExactly(literal.text) {
            if let found = walk(literal.node, depth + 1, path, work) { return found }
            break
        }
        guard let next = node.parameter, !segment.isEmpty else { return nil }
        let captured = work.pointee.match.captures.count
        work.pointee.match.captures.push(depth)
        if let found = walk(next, depth + 1, path, work) { return found }
        work.pointee.match.captures.drop(to: captured)
        return nil
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func isExactly(_ text: [UInt8]) -> Bool {
        count == text.count && (count == 0 || text.withUnsafeBytes { memcmp(baseAddress!, $0.baseAddress!, count) } == 0)
    }
}
