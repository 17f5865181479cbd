import Codec
import HTTP

struct Note: Shaped, Equatable {
    var title = ""
    var count = 0

    static let shape = Shape("Note", "Something to send and get back", Note()) {
        Field("title", \.title, .text(1...10), "A word")
        Field("count", \.count, .integer(0...100), "A number", required: false)
    }
}

/// What most tests ask.
func declareUsual(_ routes: inout Routes) {
    routes.parameter("n", .integer(0...Int.max), "A number")
    routes.on(.get, "/at-once/{n}", .everyone, "Answers without waiting", gives: .ok(Note.self)) { call in
        Note(title: "at once", count: try call.path.n)
    }
    routes.on(.get, "/later/{n}", .everyone, "Answers after a turn of the loop", gives: .ok(Note.self)) { call in
        await Task.yield()
        return Note(title: "later", count: try call.path.n)
    }
    routes.on(.post, "/notes", .everyone, "Gives a note back", takes: Note.self, gives: .created(Note.self)) { $0.body }
    routes.raw(.post, "/size", .everyone, "Tells how large the body is, and sums it up", gives: .plainText) { request in
        let body = try await request.wholeBody(upTo: 2 << 20)
        return .text(.ok, describe(body.array))
    }
    routes.raw(.post, "/pieces", .everyone, "The same, read piece by piece", gives: .plainText) { request in
        try request.allowBody(upTo: 2 << 20)
        var body: [UInt8] = []
        while let piece = try await request.nextPiece() { body += piece.array }
        return .text(.ok, describe(body))
    }
    routes.raw(.post, "/ignore", .everyone, "Does not look at the body", gives: .plainText) { _ in .text(.ok, "ignored") }
}

/// Enough to tell whether bytes are the right ones.
func describe(_ bytes: [UInt8]) -> String { "\(bytes.count) bytes, \(Hex.encode(SHA256.digest(bytes)))" }

/// Bytes without a pattern that a mistake could hide in.
func noise(_ count: Int) -> [UInt8] { Array(source[..<count]) }

private let source = [UInt8](unsafeUninitializedCapacity: 5_000_000) { room, count in
    let words = UnsafeMutableRawBufferPointer(room).bindMemory(to: UInt64.self)
    var state: UInt64 = 1
    for index in words.indices {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        words[index] = state ^ state >> 29
    }
    count = room.count
}
