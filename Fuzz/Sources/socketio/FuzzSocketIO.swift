import Codec
import Harness

/// Engine.IO and Socket.IO from anybody: what is read is written, and read again as the same.
@main struct FuzzSocketIO {
    static func main() {
        fuzz { input in
            var choices = Choices(input)
            if choices.flag() { payload(choices.rest) } else { session(choices.rest) }
        }
    }

    /// A body of long polling.
    private static func payload(_ input: UnsafeRawBufferPointer) {
        guard let packets = withCopy(of: input, { try? EngineIO.Payload.parse(UnsafeRawBufferPointer($0)) }) else { return }
        check(packets.count <= EngineIO.Payload.mostPackets, "\(packets.count) packets")
        var out = ByteWriter()
        EngineIO.Payload.append(packets.map(\.frame), to: &out)
        check(out.array.elementsEqual(input), "a payload is written otherwise than it was read")
    }

    /// Messages as a session brings them: the first byte of each says whether it is text, the second how long it is.
    private static func session(_ input: UnsafeRawBufferPointer) {
        var bounds = SocketIO.Bounds()
        bounds.bytes = 400
        bounds.attachments = 3
        var reader = SocketIO.Reader(bounds)
        var choices = Choices(input)
        while !choices.rest.isEmpty {
            let isText = choices.flag()
            let bytes = choices.bytes(Int(choices.byte()))
            do throws(SocketIO.Fault) {
                let packet = isText ? try text(bytes, &reader) : try reader.read(binary: [UInt8](bytes))
                if let packet { isWrittenAlike(packet, bounds) }
            } catch {
                return
            }
        }
    }

    private static func text(_ bytes: UnsafeRawBufferPointer, _ reader: inout SocketIO.Reader) throws(SocketIO.Fault) -> SocketIO.Packet? {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { copy.deallocate() }
        copy.copyMemory(from: bytes)
        return try reader.read(text: UnsafeRawBufferPointer(copy))
    }

    private static func isWrittenAlike(_ packet: SocketIO.Packet, _ bounds: SocketIO.Bounds) {
        check(packet.namespace.utf8.count <= bounds.namespace * 3, "a namespace of \(packet.namespace.utf8.count) bytes")
        var wide = SocketIO.Bounds()
        wide.bytes = 100_000
        wide.namespace = 1000
        var reader = SocketIO.Reader(wide)
        var again: SocketIO.Packet?
        do throws(SocketIO.Fault) {
            for frame in packet.frames {
                switch frame {
                case .text(let bytes): again = try reader.read(text: Array(bytes.dropFirst()))
                case .binary(let bytes): again = try reader.read(binary: bytes)
                }
            }
        } catch {
            fatalError("\(packet) is written as what cannot be read: \(error)")
        }
        check(again == packet, "\(packet) became \(String(describing: again))")
    }
}
