public import Codec
internal import Domain
public import HTTP
public import Helpdesk

// Dialects' lists have no pages and may have a thousand long texts. One that is longer than `firstBytes` is written as it is read: a part at
// a time, each when the client has taken most of the one before. So an answer costs the memory of a part, however long it is.

/// The query of a list without pages: how much of it.
public protocol BareQuery: Shaped {
    var slice: SliceRequest { get }
}

extension DeskRoutes {
    /// Declares a bare array that is written as its rows come. Between two parts others may change what the list holds: what moves to a place
    /// that was passed already is missed, as it is between two pages.
    public mutating func bareArray<Query: BareQuery, Item: Shaped>(
        _ pattern: String, _ access: Access, _ summary: String, query: Query.Type, of _: Item.Type, atMost: Int,
        _ handle: @escaping @Sendable (Ask<Query, Nothing>, SliceRequest, Look) async throws -> Slice<Item>
    ) {
        let (desk, unknown) = (desk, routes.unknown)
        routes.answered(.get, pattern, access, summary, query: Query.self, givesListOf: Item.self, atMost: atMost) { request in
            let ask = Ask(
                caller: try request.mustBeSignedIn(), path: AskedPath(request),
                query: try request.query(as: Query.self, unknown: unknown), body: Nothing(), expectedRevision: nil)
            let array = BareArray(slice: ask.query.slice) { slice in
                try await desk.read(for: Asker(ask.caller)) { look in try await handle(ask, slice, look) }
            }
            return try await array.response()
        }
    }
}

/// A list as one JSON array, a part at a time.
private struct BareArray<Item: Shaped>: Sendable {
    /// How many bytes of texts are read at once.
    private static var partBytes: Int { 512 * 1024 }

    private let wanted: SliceRequest
    private let read: @Sendable (SliceRequest) async throws -> Slice<Item>

    init(slice: SliceRequest, read: @escaping @Sendable (SliceRequest) async throws -> Slice<Item>) {
        var wanted = slice
        wanted.bytes = Self.partBytes
        self.wanted = wanted
        self.read = read
    }

    /// The first part is read before the answer begins, so what goes wrong there has an answer of its own. Most lists are no longer.
    func response() async throws -> Response {
        let first = try await read(wanted)
        guard let rest = rest(of: wanted, after: first) else { return .json(.ok, JSON.bytes(of: first.items)) }
        return Response(.ok, type: .json, body: .stream { writer in try await write(first, then: rest, to: writer) })
    }

    private func write(_ first: Slice<Item>, then rest: SliceRequest, to writer: BodyWriter) async throws {
        try await writer.write(Array("[".utf8) + Self.elements(first.items))
        var rest: SliceRequest? = rest
        while let wanted = rest {
            let part = try await read(wanted)
            if !part.items.isEmpty { try await writer.write(Array(",".utf8) + Self.elements(part.items)) }
            rest = self.rest(of: wanted, after: part)
        }
        try await writer.write(Array("]".utf8))
    }

    /// What is still to be read; nil when the list is whole.
    private func rest(of wanted: SliceRequest, after part: Slice<Item>) -> SliceRequest? {
        guard let next = part.next, part.items.count < wanted.limit else { return nil }
        var rest = wanted
        rest.after = next
        rest.limit -= part.items.count
        rest.offset = 0
        return rest
    }

    /// The items with commas between them, without the brackets.
    private static func elements(_ items: [Item]) -> [UInt8] { Array(JSON.bytes(of: items).dropFirst().dropLast()) }
}
