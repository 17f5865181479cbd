internal import Codec

/// A path cut into segments, and which of them are parameters' values. Kept with the request and used again.
struct RouteMatch {
    static let segmentLimit = 16

    private(set) var count = 0
    private(set) var segments = InlineArray<16, RequestHead.Piece>(repeating: .none)
    /// Which segments are the values of the route's parameters, and those parameters' names.
    var captures = Captures()
    var names: [String] = []
    /// The path's segments decoded, when any of them was encoded; the pieces are then places in here.
    private var decoded: [UInt8] = []
    private var isDecoded = false

    /// Cuts the request's path. Throws 400 for what no client means: dot segments (which clients resolve before they ask), NUL,
    /// escapes that are none. Segments beyond the limit match no route.
    mutating func split(_ request: Request) throws {
        count = 0
        isDecoded = false
        let path = request.bytes(request.work.pointee.head.path)
        if path.contains(UInt8(ascii: "%")) { return try splitDecoding(path) }
        let base = Int(request.work.pointee.head.path.start)
        var start = 1
        while start < path.count {
            var end = start
            while end < path.count, path[end] != UInt8(ascii: "/") { end &+= 1 }
            if end == path.count, end == start { break }  // a trailing slash
            let segment = UnsafeRawBufferPointer(rebasing: path[start..<end])
            if segment.isDots { throw Refusal.malformed(.target) }
            add(RequestHead.Piece(start: base &+ start, end: base &+ end))
            start = end &+ 1
        }
    }

    private mutating func splitDecoding(_ path: UnsafeRawBufferPointer) throws {
        isDecoded = true
        decoded.removeAll(keepingCapacity: true)
        let parts = path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if part.isEmpty, index == parts.count - 1 { break }
            let start = decoded.count
            guard let segment = Percent.decode(UnsafeRawBufferPointer(rebasing: part)) else { throw Refusal.malformed(.target) }
            decoded += segment
            let isDots = segment.elementsEqual([46]) || segment.elementsEqual([46, 46])
            if isDots || segment.contains(0) { throw Refusal.malformed(.target) }
            guard CombiningMarks.areFew(in: segment) else { throw Refusal.malformed(.combiningMarks) }
            add(RequestHead.Piece(start: start, end: decoded.count))
        }
    }

    private mutating func add(_ piece: RequestHead.Piece) {
        // One more than the limit says that there were too many; no route has so many, so none matches.
        guard count < Self.segmentLimit else { return count = Self.segmentLimit }
        segments[count] = piece
        count += 1
    }

    /// Calls `body` with the bytes that the segments are places in.
    func withBytes<Result>(_ request: Request, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        if isDecoded { return decoded.withUnsafeBytes(body) }
        return body(UnsafeRawBufferPointer(start: request.buffer.base + request.start, count: request.work.pointee.head.length))
    }

    func value(at index: Int, in request: Request) -> String {
        withBytes(request) { String(decoding: $0[segments[captures[index]].range], as: UTF8.self) }
    }
}

/// The depths at which a walk through the trie took a parameter.
struct Captures {
    static let limit = 4

    private var depths = InlineArray<4, UInt8>(repeating: 0)
    private(set) var count = 0

    subscript(_ index: Int) -> Int { Int(depths[index]) }

    mutating func push(_ depth: Int) {
        guard count < Self.limit else { return }
        depths[count] = UInt8(truncatingIfNeeded: depth)
        count += 1
    }

    mutating func drop(to length: Int) { count = length }
}

extension UnsafeRawBufferPointer {
    /// Whether it is `.` or `..`.
    fileprivate var isDots: Bool {
        (count == 1 && self[0] == 46) || (count == 2 && self[0] == 46 && self[1] == 46)
    }
}
