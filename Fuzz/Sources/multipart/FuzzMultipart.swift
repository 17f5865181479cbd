import Codec
import Harness

/// Forms with files from anybody: the same parts come out however the body is cut, little is kept between two reads, and a form
/// that was written is read as it was.
@main struct FuzzMultipart {
    static func main() {
        fuzz { input in
            var choices = Choices(input)
            if choices.flag() { readsWhatWasWritten(choices) } else { readsTheSameInPieces(choices) }
        }
    }

    private static func readsTheSameInPieces(_ choices: Choices) {
        var choices = choices
        let boundary = choices.flag() ? "b" : "----form"
        let cuts = choices.cuts()
        let whole = read(choices.rest, boundary, cut: cuts[0])
        for cut in cuts.dropFirst() {
            let pieces = read(choices.rest, boundary, cut: cut)
            check(pieces == whole, "\(whole) in one piece, \(pieces) in pieces")
        }
    }

    private static func readsWhatWasWritten(_ choices: Choices) {
        var choices = choices
        let cuts = choices.cuts()
        var body = Array("--b".utf8)
        var parts: [Part] = []
        while !choices.rest.isEmpty && parts.count < 10 {
            let name = "n" + String(choices.byte(), radix: 16)
            let filename = choices.flag() ? "f\(choices.byte()).txt" : nil
            let content = Array(choices.bytes(Int(choices.byte())))
            // A boundary in the content would end it; the line's end before it may be the one after the headers.
            if contains([13, 10] + content + [13, 10], Array("\r\n--b".utf8)) { return }
            parts.append(Part(name: name, filename: filename, contentType: filename.map { _ in "text/plain" }, content: content))
            body += "\r\nContent-Disposition: form-data; name=\"\(name)\"".utf8
            if let filename { body += "; filename=\"\(filename)\"\r\nContent-Type: text/plain".utf8 }
            body += "\r\n\r\n".utf8
            body += content
            body += "\r\n--b".utf8
        }
        if parts.isEmpty { return }
        body += "--\r\n".utf8
        let ends = cuts.map { $0.map { min($0.upperBound, body.count) } + [body.count] }
        for ends in ends {
            let ranges = zip([0] + ends, ends).map { min($0, $1)..<$1 }
            let result = body.withUnsafeBytes { read($0, "b", cut: ranges) }
            check(result == Outcome(parts: parts, fault: nil), "\(parts) became \(result)")
        }
    }

    private struct Part: Equatable {
        let name: String
        let filename: String?
        let contentType: String?
        var content: [UInt8] = []
        var isWhole = true
    }

    private struct Outcome: Equatable {
        var parts: [Part] = []
        var fault: MultipartParser.Fault?
    }

    private static func read(_ bytes: UnsafeRawBufferPointer, _ boundary: String, cut pieces: [Range<Int>]) -> Outcome {
        var parser = MultipartParser(boundary: boundary, mostParts: 20)
        var outcome = Outcome()
        var kept: [UInt8] = []
        for piece in pieces {
            kept += bytes[piece]
            var at = 0
            let isOver = withCopy(of: kept) { copy in
                do throws(MultipartParser.Fault) {
                    return try read(UnsafeRawBufferPointer(copy), from: &at, &parser, &outcome)
                } catch {
                    outcome.fault = error
                    return true
                }
            }
            if isOver { return outcome }
            kept.removeFirst(at)
            check(kept.count <= MultipartParser.longestHeaders + 100, "\(kept.count) bytes kept")
        }
        do throws(MultipartParser.Fault) { try parser.finish() } catch { outcome.fault = error }
        return outcome
    }

    /// Returns whether the body is over.
    private static func read(
        _ bytes: UnsafeRawBufferPointer, from at: inout Int, _ parser: inout MultipartParser, _ outcome: inout Outcome
    ) throws(MultipartParser.Fault) -> Bool {
        while true {
            let before = at
            let event = try parser.next(bytes, &at)
            check((before...bytes.count).contains(at), "a step back, or beyond the end")
            switch event {
            case .part(let part):
                check(outcome.parts.last?.isWhole != false && outcome.parts.count < 20, "a part too many")
                let new = Part(name: part.name, filename: part.filename, contentType: part.contentType, isWhole: false)
                outcome.parts.append(new)
            case .bytes(let range):
                check(!range.isEmpty && range.lowerBound >= before && range.upperBound <= at, "content from elsewhere: \(range)")
                outcome.parts[outcome.parts.count - 1].content += bytes[range]
            case .endPart: outcome.parts[outcome.parts.count - 1].isWhole = true
            case .end: return true
            case .needMore: return false
            }
        }
    }

    private static func contains(_ bytes: [UInt8], _ wanted: [UInt8]) -> Bool {
        bytes.indices.contains { bytes[$0...].starts(with: wanted) }
    }
}
