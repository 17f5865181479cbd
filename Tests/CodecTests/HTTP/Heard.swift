import Codec

/// What a server would make of some bytes, as values that can be compared.
enum Heard: Equatable {
    /// A head in one line: method, target, minor version, framing, and what else it says.
    case head(String)
    case body(String)
    case fault(HTTPFault)
}

/// Reads `pieces` as a server does that receives them one by one: requests with their bodies, until a fault.
///
/// What the parsers see lies each time in memory of just its size, so that the address sanitizer notices a step too far.
func hear(_ pieces: [[UInt8]]) -> [Heard] {
    var ear = Ear()
    for piece in pieces {
        ear.waiting += piece
        while ear.readOn() {}
    }
    return ear.heard
}

func hear(_ text: String) -> [Heard] { hear([Array(text.utf8)]) }

/// The bytes of `text` in pieces that end at `cuts`.
func cut(_ bytes: [UInt8], at cuts: [Int]) -> [[UInt8]] {
    zip([0] + cuts, cuts + [bytes.count]).map { Array(bytes[$0..<$1]) }
}

private struct Ear {
    var waiting: [UInt8] = []
    var heard: [Heard] = []
    private var scanner = HeadScanner()
    private var body = Body.none

    private enum Body {
        case none
        case length(Int)
        case chunked(ChunkedDecoder)
    }

    /// Takes one step; false when it takes more bytes to go on, or nothing goes on after a fault.
    mutating func readOn() -> Bool {
        if case .fault = heard.last { return false }
        let exact = UnsafeMutableRawBufferPointer.allocate(byteCount: waiting.count, alignment: 1)
        exact.copyBytes(from: waiting)
        defer { exact.deallocate() }
        do throws(HTTPFault) {
            return try step(UnsafeRawBufferPointer(exact))
        } catch {
            heard.append(.fault(error))
            return false
        }
    }

    private mutating func step(_ bytes: UnsafeRawBufferPointer) throws(HTTPFault) -> Bool {
        switch body {
        case .none:
            guard case .complete(let length) = try scanner.scan(bytes) else { return false }
            var head = RequestHead()
            let exact = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 1)
            exact.copyBytes(from: bytes[..<length])
            defer { exact.deallocate() }
            try head.parse(UnsafeRawBufferPointer(exact))
            heard.append(.head(line(head, UnsafeRawBufferPointer(exact))))
            waiting.removeFirst(length)
            switch head.framing {
            case .none: break
            case .length(let length): body = .length(length)
            case .chunked: body = .chunked(ChunkedDecoder())
            }
            return !waiting.isEmpty
        case .length(let length):
            let count = min(length, bytes.count)
            append(Array(bytes[..<count]))
            body = count == length ? .none : .length(length - count)
            return count > 0
        case .chunked(var decoder):
            let step = try decoder.step(bytes)
            append(Array(bytes[step.content]), evenIfEmpty: step.isFinished)
            waiting.removeFirst(step.consumed - step.content.count)
            body = step.isFinished ? .none : .chunked(decoder)
            return step.consumed > 0
        }
    }

    /// Adds content that is at the front of what waits, or behind framing that is let go next.
    private mutating func append(_ content: [UInt8], evenIfEmpty: Bool = false) {
        waiting.removeFirst(content.count)
        guard !content.isEmpty || evenIfEmpty else { return }
        let text = String(decoding: content, as: UTF8.self)
        if case .body(let before) = heard.last { heard[heard.count - 1] = .body(before + text) } else { heard.append(.body(text)) }
    }

    private func line(_ head: borrowing RequestHead, _ bytes: UnsafeRawBufferPointer) -> String {
        func text(_ piece: RequestHead.Piece) -> String { String(decoding: bytes[piece.range], as: UTF8.self) }
        var line = "\(text(head.methodText)) \(text(head.path))\(head.hasQuery ? "?" : "")\(text(head.query)) 1.\(head.isVersion11 ? 1 : 0)"
        switch head.framing {
        case .none: break
        case .length(let length): line += " length \(length)"
        case .chunked: line += " chunked"
        }
        if !head.keepsAlive { line += " closes" }
        if head.expectsContinue { line += " expects" }
        switch head.upgrade {
        case .none: break
        case .webSocket: line += " websocket"
        case .other: line += " upgrades"
        }
        return line
    }
}
