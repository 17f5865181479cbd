import Glibc

extension EngineIO {
    /// Several packets in one body of long polling: between two of them stands U+001E, and binary ones are `b` and Base64.
    public enum Payload {
        /// More packets than this are refused: each costs memory, and a character is enough to make one.
        public static let mostPackets = 16_384

        private static let separator: UInt8 = 0x1E
        private static let binaryMark = UInt8(ascii: "b")

        /// The packets in order. All are read or none.
        public static func parse(_ bytes: UnsafeRawBufferPointer, atMost most: Int = mostPackets) throws(Fault) -> [Packet] {
            guard UTF8Check.accepts(bytes) else { throw .notUTF8 }
            var packets: [Packet] = []
            var rest = bytes
            while true {
                guard packets.count < most else { throw .tooManyPackets }
                let piece = before(separator, of: rest)
                packets.append(try packet(piece))
                if piece.count == rest.count { return packets }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count + 1))
            }
        }

        /// The packets in order; see above.
        public static func parse(_ bytes: [UInt8], atMost most: Int = mostPackets) throws(Fault) -> [Packet] {
            try bytes.withBytes { (raw) throws(Fault) in try parse(raw, atMost: most) }
        }

        private static func packet(_ piece: UnsafeRawBufferPointer) throws(Fault) -> Packet {
            guard piece.first == binaryMark else { return try Packet(text: piece) }
            guard let data = Base64.decode(UnsafeRawBufferPointer(rebasing: piece.dropFirst())) else { throw .notBase64 }
            return .binary(data)
        }

        private static func before(_ mark: UInt8, of bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
            guard let base = bytes.baseAddress, let found = memchr(base, Int32(mark), bytes.count) else { return bytes }
            return UnsafeRawBufferPointer(start: base, count: UnsafeRawPointer(found) - base)
        }

        /// Appends frames as one payload. A text must not hold U+001E, which JSON escapes and a plain message must not have.
        public static func append(_ frames: some Collection<Frame>, to out: inout ByteWriter) {
            var isFirst = true
            for frame in frames {
                if !isFirst { out.append(separator) }
                isFirst = false
                switch frame {
                case .text(let bytes): out.append(bytes)
                case .binary(let bytes):
                    out.append(binaryMark)
                    out.append(bytes.withUnsafeBytes { Base64.encode($0) })
                }
            }
        }
    }
}
