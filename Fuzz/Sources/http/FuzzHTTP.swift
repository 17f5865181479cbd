import Codec
import Harness

/// Requests from anybody: the head is the same however it is cut, says one thing only, and is read as itself when written anew.
@main struct FuzzHTTP {
    static func main() {
        fuzz { input in
            var choices = Choices(input)
            switch choices.byte() % 3 {
            case 0: Heads.fuzz(choices)
            case 1: Chunks.fuzz(choices)
            default: Chunks.roundTrip(choices)
            }
        }
    }
}

private enum Heads {
    static func fuzz(_ choices: Choices) {
        var choices = choices
        let cuts = choices.cuts()
        let bytes = choices.rest
        let end = length(bytes, cut: [bytes.count])
        for cut in cuts { check(length(bytes, cut: cut.map(\.upperBound) + [bytes.count]) == end, "the head's end depends on the cut") }
        guard case .success(let length?) = end else { return }

        withCopy(of: bytes[..<length]) { copy in
            let copy = UnsafeRawBufferPointer(copy)
            guard let head = parse(copy) else { return }
            saysOneThing(head, copy)
            isItselfWrittenAnew(head, copy)
        }
    }

    /// How long the head is; nil when its end has not come. `cut` says how much is there at each look.
    private static func length(_ bytes: UnsafeRawBufferPointer, cut: [Int]) -> Result<Int?, HTTPFault> {
        var scanner = HeadScanner()
        for end in cut {
            do throws(HTTPFault) {
                let progress = try withCopy(of: bytes[..<end]) { copy in
                    Result { () throws(HTTPFault) in try scanner.scan(UnsafeRawBufferPointer(copy)) }
                }.get()
                if case .complete(let length) = progress { return .success(length) }
            } catch { return .failure(error) }
        }
        return .success(nil)
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer) -> RequestHead? {
        var head = RequestHead()
        do throws(HTTPFault) { try head.parse(bytes) } catch { return nil }
        return head
    }

    /// Reads the head as a naive program would, by lines and colons, and finds the same.
    private static func saysOneThing(_ head: borrowing RequestHead, _ bytes: UnsafeRawBufferPointer) {
        check(!bytes.contains(0), "a NUL in the head")
        let lines = bytes.split(separator: 10, omittingEmptySubsequences: false).map { Array($0) }
        check(lines.count == head.fieldCount + 3, "\(head.fieldCount) fields in \(lines.count) lines")
        check(lines.dropLast().allSatisfy { $0.last == 13 && !$0.dropLast().contains(13) }, "a line that does not end in CR LF")
        check(lines[0].split(separator: 32, omittingEmptySubsequences: false).count == 3, "a request line that is not three words")

        var lengths: [[UInt8]] = []
        var codings = 0
        for index in 0..<head.fieldCount {
            let line = lines[index + 1]
            let name = line.prefix { $0 != UInt8(ascii: ":") }
            check(Array(bytes[head.field(at: index).name.range]) == Array(name), "another name than the one before the colon")
            switch String(decoding: name, as: UTF8.self).lowercased() {
            case "content-length": lengths.append(Array(bytes[head.field(at: index).value.range]))
            case "transfer-encoding": codings += 1
            default: break
            }
        }
        switch head.framing {
        case .chunked: check(codings == 1 && lengths.isEmpty, "chunked, and something else")
        case .length(let length):
            check(codings == 0 && lengths.count == 1, "a length, and something else")
            check(Int(String(decoding: lengths[0], as: UTF8.self)) == length && length > 0, "another length than the field's")
        case .none: check(codings == 0 && lengths.allSatisfy { $0.allSatisfy { $0 == UInt8(ascii: "0") } }, "a body that is not seen")
        }
        let path = bytes[head.path.range]
        check(path.isEmpty || path.first == UInt8(ascii: "/") || path.elementsEqual([UInt8(ascii: "*")]), "a path without its slash")
        check(head.upgrade == .none || head.isVersion11, "an upgrade of HTTP/1.0")
    }

    private static func isItselfWrittenAnew(_ head: borrowing RequestHead, _ bytes: UnsafeRawBufferPointer) {
        let written = written(head, bytes)
        written.withUnsafeBytes { again in
            guard let second = parse(again) else { fatalError("refused when written anew: \(String(decoding: again, as: UTF8.self))") }
            check(second.framing == head.framing && second.method == head.method, "another request when written anew")
            check(second.keepsAlive == head.keepsAlive && second.expectsContinue == head.expectsContinue, "another connection")
            check(second.upgrade == head.upgrade, "another upgrade when written anew")
            for name in FieldName.allCases {
                let first = head.place(of: name).map { Array(bytes[$0.range]) }
                check(second.place(of: name).map { Array(again[$0.range]) } == first, "another \(name.text) when written anew")
            }
            check(Self.written(second, again) == written, "the second writing differs from the first")
        }
    }

    private static func written(_ head: borrowing RequestHead, _ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var out = ByteWriter()
        func piece(_ piece: RequestHead.Piece) { out.append(UnsafeRawBufferPointer(rebasing: bytes[piece.range])) }
        piece(head.methodText)
        out.append(" ")
        if head.path.isEmpty { out.append("/") } else { piece(head.path) }
        if head.hasQuery {
            out.append("?")
            piece(head.query)
        }
        out.append(head.isVersion11 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n")
        for index in 0..<head.fieldCount {
            piece(head.field(at: index).name)
            out.append(": ")
            piece(head.field(at: index).value)
            out.append("\r\n")
        }
        out.append("\r\n")
        return out.array
    }
}

private enum Chunks {
    /// What became of a body: its content, and how many bytes it took, when it ended.
    struct Outcome: Equatable {
        var content: [UInt8] = []
        var length: Int?
        var fault: HTTPFault?
    }

    static func fuzz(_ choices: Choices) {
        var choices = choices
        let cuts = choices.cuts()
        let whole = decode(choices.rest, cut: cuts[0])
        for cut in cuts.dropFirst() { check(decode(choices.rest, cut: cut) == whole, "the content depends on the cut") }
    }

    static func roundTrip(_ choices: Choices) {
        var choices = choices
        var body: [UInt8] = []
        var content: [UInt8] = []
        while !choices.rest.isEmpty {
            let chunk = choices.bytes(Int(choices.byte()) + 1)
            if chunk.isEmpty { break }
            content += chunk
            body += "\(String(chunk.count, radix: 16))\r\n".utf8
            body += chunk
            body += "\r\n".utf8
        }
        body += "0\r\nx-trailer: y\r\n\r\nGET".utf8
        let outcome = body.withUnsafeBytes { decode($0, cut: [0..<$0.count]) }
        check(outcome == Outcome(content: content, length: body.count - 3, fault: nil), "a body became \(outcome)")
    }

    private static func decode(_ bytes: UnsafeRawBufferPointer, cut pieces: [Range<Int>]) -> Outcome {
        var decoder = ChunkedDecoder()
        var outcome = Outcome()
        var taken = 0
        for piece in pieces {
            withCopy(of: bytes[piece]) { copy in
                var rest = UnsafeRawBufferPointer(copy)
                do throws(HTTPFault) {
                    while !rest.isEmpty && outcome.length == nil && outcome.fault == nil {
                        let step = try decoder.step(rest)
                        check(step.consumed > 0 || step.isFinished, "a step that goes nowhere")
                        outcome.content += rest[step.content]
                        taken += step.consumed
                        if step.isFinished { outcome.length = taken }
                        rest = UnsafeRawBufferPointer(rebasing: rest[step.consumed...])
                    }
                } catch { outcome.fault = error }
            }
        }
        return outcome
    }
}
