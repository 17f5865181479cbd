import Codec
import Harness

/// Frames from anybody: however the bytes are cut the same is heard, and what is written is heard as it was said.
@main struct FuzzWebSocket {
    static func main() {
        fuzz { input in
            var choices = Choices(input)
            let ear = Ear(role: choices.flag() ? .client : .server, takesCompressed: choices.flag(), maximumMessage: 2000)
            hearsTheSameInPieces(choices, ear)
            hearsWhatIsSaid(choices, ear)
            _ = ExtensionOffer.parse(String(decoding: choices.rest, as: UTF8.self)).map { offers in
                DeflateAgreement.settle(offers, within: .init()).map(settlesAgain)
            }
        }
    }

    private static func hearsTheSameInPieces(_ choices: Choices, _ ear: Ear) {
        var choices = choices
        let cuts = choices.cuts()
        let whole = ear.hear(choices.rest, cut: cuts[0])
        for cut in cuts.dropFirst() {
            let pieces = ear.hear(choices.rest, cut: cut)
            check(pieces == whole, "\(whole) in one piece, \(pieces) in pieces")
        }
        for word in whole { word.isSound(ear) }
    }

    /// Takes the input for a script of what to say: control frames, messages in pieces.
    private static func hearsWhatIsSaid(_ choices: Choices, _ ear: Ear) {
        var choices = choices
        var out = ByteWriter()
        var said: [Heard] = []
        while !choices.rest.isEmpty && said.count < 20 {
            let bytes = Array(choices.bytes(Int(choices.byte())))
            let mask = ear.role == .server ? UInt32(choices.byte()) &* 0x0101_8F03 : nil
            switch choices.byte() % 4 {
            case 0:
                let word = Array(bytes.prefix(125))
                said.append(.ping(word))
                word.withUnsafeBytes { WebSocketWriter.append(.ping, $0, mask: mask, to: &out) }
            case 1:
                said.append(.binary(bytes, compressed: false))
                say(bytes, in: Int(choices.byte() % 5), mask, to: &out)
            case 2:
                said.append(.text(bytes.map { $0 & 0x7F }))
                bytes.map { $0 & 0x7F }.withUnsafeBytes { WebSocketWriter.append(.text, $0, mask: mask, to: &out) }
            default:
                let word = Array(bytes.prefix(125))
                said.append(.pong(word))
                word.withUnsafeBytes { WebSocketWriter.append(.pong, $0, mask: mask, to: &out) }
            }
        }
        WebSocketWriter.append(close: .goingAway, reason: "done", mask: ear.role == .server ? 7 : nil, to: &out)
        said.append(.close(1001, "done"))
        let heard = out.withUnsafeBytes { ear.hear($0, cut: [0..<$0.count]) }
        check(heard == said, "said \(said), heard \(heard)")
    }

    /// A binary message with `cuts` frames before its last, and a ping that must not be noticed between the bytes of it.
    private static func say(_ bytes: [UInt8], in cuts: Int, _ mask: UInt32?, to out: inout ByteWriter) {
        var rest = bytes[...]
        for cut in 0..<cuts {
            let piece = Array(rest.prefix(bytes.count / (cuts + 1)))
            rest = rest.dropFirst(piece.count)
            piece.withUnsafeBytes { WebSocketWriter.append(cut == 0 ? .binary : .continuation, $0, isFinal: false, mask: mask, to: &out) }
        }
        Array(rest).withUnsafeBytes { WebSocketWriter.append(cuts == 0 ? .binary : .continuation, $0, mask: mask, to: &out) }
    }

    private static func settlesAgain(_ agreement: DeflateAgreement) {
        check(ExtensionOffer.parse(agreement.header)?.count == 1, "an answer that is no extension: \(agreement.header)")
        check((9...15).contains(agreement.serverWindow) && (8...15).contains(agreement.clientWindow), "windows of \(agreement)")
    }
}

/// What an event says, on its own.
private enum Heard: Equatable {
    case text([UInt8])
    case binary([UInt8], compressed: Bool)
    case ping([UInt8])
    case pong([UInt8])
    case close(UInt16?, String)
    case fault(UInt16, String)

    init(_ event: WebSocketEvent) {
        switch event {
        case .message(.text, compressed: false, let bytes): self = .text([UInt8](bytes))
        case .message(_, let compressed, let bytes): self = .binary([UInt8](bytes), compressed: compressed)
        case .ping(let bytes): self = .ping([UInt8](bytes))
        case .pong(let bytes): self = .pong([UInt8](bytes))
        case .close(let code, let reason): self = .close(code?.rawValue, reason)
        }
    }

    /// Checks what the reader has promised of it.
    func isSound(_ ear: Ear) {
        switch self {
        case .text(let bytes):
            check(String(validating: bytes, as: UTF8.self) != nil, "a text that is not UTF-8")
            check(bytes.count <= ear.maximumMessage, "a text over its bound")
        case .binary(let bytes, let compressed):
            check(bytes.count <= ear.maximumMessage, "a message over its bound")
            check(!compressed || ear.takesCompressed, "compressed, without an agreement")
        case .ping(let bytes), .pong(let bytes): check(bytes.count <= 125, "a control frame over 125 bytes")
        case .close(let code, let reason):
            check(code.map { CloseCode(rawValue: $0).mayBeSent } ?? reason.isEmpty, "a close that may not be sent")
        case .fault(let code, _): check([1002, 1007, 1009].contains(code), "a fault with code \(code)")
        }
    }
}

/// A reader's settings, and what one hears with them.
private struct Ear {
    let role: WebSocketRole
    let takesCompressed: Bool
    let maximumMessage: Int

    func hear(_ bytes: UnsafeRawBufferPointer, cut pieces: [Range<Int>]) -> [Heard] {
        var reader = WebSocketReader(role: role, maximumMessage: maximumMessage, takesCompressed: takesCompressed)
        var heard: [Heard] = []
        for piece in pieces {
            withCopy(of: bytes[piece]) { copy in
                var input = copy
                do throws(WebSocketFault) {
                    while let event = try reader.next(&input) { heard.append(Heard(event)) }
                    check(input.isEmpty, "input left over")
                } catch {
                    heard.append(.fault(error.code.rawValue, error.reason))
                }
            }
        }
        return heard
    }
}
