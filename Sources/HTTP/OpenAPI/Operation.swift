internal import Codec

/// An operation of the document: a route, and the dialect's that stands behind it, if there is one. What both do is told together, as
/// a client at that address may get either.
struct Operation {
    /// The one that is asked first, and gives the operation its name and its tag.
    let first: Route
    let second: Route?

    /// All operations, in the order of the routes.
    static func all(of routes: [Route]) -> [Operation] {
        let alternatives = Router.alternatives(among: routes)
        let seconds = Set(alternatives.values.map(\.index))
        return routes.filter { !seconds.contains($0.index) }.map { Operation(first: $0, second: alternatives[$0.index]) }
    }

    var routes: [Route] { [first] + (second.map { [$0] } ?? []) }
    var isOpen: Bool { first.access.ignoresCredential }
    var needsCredential: Bool { routes.allSatisfy(\.access.needsCredential) }

    /// What the dialect does here, where there is one.
    var description: String? {
        second.map { "Without a credential, or where this finds nothing, a dialect answers: \($0.summary.lowercasedFirst)." }
    }

    /// The parameters of the query: those of both, each once.
    var query: [FieldOutline] {
        var names: Set<String> = []
        return routes.flatMap { $0.query?.fields ?? [] }.filter { !$0.isReadOnly && names.insert($0.name.description).inserted }
    }

    /// The successes by status; where both have one of the same type, it has the one form or the other.
    var outputs: [RouteOutput] {
        (usualOutputs + routes.flatMap(\.otherOutputs)).sorted { $0.status.rawValue < $1.status.rawValue }
    }

    private var usualOutputs: [RouteOutput] {
        guard let second else { return [first.output] }
        let (own, other) = (first.output, second.output)
        guard own.status == other.status else { return [own, other] }
        guard let schema = own.schema, let otherSchema = other.schema else { return [own] }
        return [RouteOutput(status: own.status, type: own.type, schema: .oneOf([schema, otherSchema]))]
    }

    /// Whether it is a form that people send, whose faults a page shows, or a page that may not be there, which another tells.
    var answersWithPages: Bool { first.output.type?.isPage == true && (first.input != nil || first.hasPathParameters) }

    func canAnswer(_ error: ErrorAnswer) -> Bool { routes.contains(where: error.isAnswer(of:)) }
}

extension String {
    fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
