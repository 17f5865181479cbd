internal import Codec

/// A type that can stand in a path. What does not parse matches no object, so the answer is 404.
public protocol PathParameter: Sendable {
    init?(path text: String)
}

extension String: PathParameter {
    public init?(path text: String) { self = text }
}

extension Int: PathParameter {
    /// Plain digits without sign or leading zero, so that each number has one address; no more than `Int.mostExact`.
    public init?(path text: String) {
        guard text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), text.utf8.count == 1 || text.utf8.first != 48 else { return nil }
        guard let number = Int(text), number <= Int.mostExact else { return nil }
        self = number
    }
}

/// The values of a path's parameters, by name.
@dynamicMemberLookup
public struct PathValues {
    let request: Request

    public subscript<Value: PathParameter>(dynamicMember name: String) -> Value {
        get throws {
            guard let index = request.work.pointee.match.names.firstIndex(of: name) else {
                preconditionFailure("the route \(request.route?.pattern ?? "") has no parameter \(name)")
            }
            guard let value = Value(path: request.work.pointee.match.value(at: index, in: request)) else { throw Refusal.notFound() }
            return value
        }
    }
}

extension Request {
    /// The path's parameters, for a route that writes its own answer.
    public var pathValues: PathValues { PathValues(request: self) }

    /// The same as texts, for who takes them along.
    public var pathTexts: [(name: String, value: String)] {
        let names = work.pointee.match.names
        return names.indices.map { (names[$0], work.pointee.match.value(at: $0, in: self)) }
    }
}
