import Codec

/// What a reader made of some bytes, as values that can be compared.
enum Seen: Equatable {
    case text(String)
    case binary([UInt8])
    case compressed(WebSocketEvent.Kind, [UInt8])
    case ping([UInt8])
    case pong([UInt8])
    case close(UInt16?, String)
    case fault(UInt16)

    init(_ event: WebSocketEvent) {
        switch event {
        case .message(let kind, compressed: true, let bytes): self = .compressed(kind, [UInt8](bytes))
        case .message(.text, compressed: false, let bytes): self = .text(String(decoding: bytes, as: UTF8.self))
        case .message(.binary, compressed: false, let bytes): self = .binary([UInt8](bytes))
        case .ping(let bytes): self = .ping([UInt8](bytes))
        case .pong(let bytes): self = .pong([UInt8](bytes))
        case .close(let code, let reason): self = .close(code?.rawValue, reason)
        }
    }
}

/// Reads `pieces` one after another, each from memory of its own that is overwritten afterwards: an event that still
/// pointed into a piece gone by would show.
func hear(
    _ pieces: [[UInt8]], as role: WebSocketRole = .server, atMost: Int = 100_000, compressed: Bool = false
) -> [Seen] {
    var reader = WebSocketReader(role: role, maximumMessage: atMost, takesCompressed: compressed)
    var seen: [Seen] = []
    for piece in pieces {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: piece.count, alignment: 1)
        memory.copyBytes(from: piece)
        var input = memory
        do {
            while let event = try reader.next(&input) { seen.append(Seen(event)) }
        } catch {
            seen.append(.fault(error.code.rawValue))
        }
        memory.initializeMemory(as: UInt8.self, repeating: 0xEE)
        memory.deallocate()
    }
    return seen
}

/// A frame of any shape, right or wrong: the first byte, then the length in the form asked for, the mask and the payload.
func frame(
    _ first: UInt8, _ payload: [UInt8] = [], mask: [UInt8]? = [0x37, 0xFA, 0x21, 0x3D], form: Int? = nil, claims: UInt64? = nil
) -> [UInt8] {
    let length = claims ?? UInt64(payload.count)
    let form = form ?? (length < 126 ? 7 : length < 65_536 ? 16 : 64)
    let masked: UInt8 = mask == nil ? 0 : 0x80
    var bytes = [first]
    switch form {
    case 7: bytes.append(UInt8(length) | masked)
    case 16: bytes += [126 | masked, UInt8(length >> 8), UInt8(length & 0xFF)]
    default: bytes += [127 | masked] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) }
    }
    guard let mask else { return bytes + payload }
    return bytes + mask + zip(payload, 0...).map { $0 ^ mask[$1 % 4] }
}

/// A frame's first byte: of one that is a whole message, and of one that is a part (`goesOn`, `ends`).
extension UInt8 {
    static let text: UInt8 = 0x81
    static let binary: UInt8 = 0x82
    static let close: UInt8 = 0x88
    static let ping: UInt8 = 0x89
    static let pong: UInt8 = 0x8A
    static let textBegins: UInt8 = 0x01
    static let binaryBegins: UInt8 = 0x02
    static let goesOn: UInt8 = 0x00
    static let ends: UInt8 = 0x80
}
