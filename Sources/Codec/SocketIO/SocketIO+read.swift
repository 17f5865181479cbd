extension SocketIO {
    /// Messages in, packets out: it keeps a packet until the binary values that belong to it have come. After a fault it is of no more
    /// use, like the connection.
    public struct Reader: Sendable {
        private let bounds: Bounds
        private var pending: Pending?

        /// A packet whose attachments are still on the way.
        private struct Pending: Sendable {
            let head: Head
            let json: [UInt8]
            let count: Int
            var attachments: [[UInt8]] = []
            var size: Int
        }

        public init(_ bounds: Bounds = Bounds()) { self.bounds = bounds }

        /// Reads a message of text, without Engine.IO's digit. Nil when binary values must come first.
        public mutating func read(text bytes: UnsafeRawBufferPointer) throws(Fault) -> Packet? {
            guard pending == nil else { throw .missingAttachment }
            guard bytes.count <= bounds.bytes else { throw .tooLarge }
            var scan = HeadScan(bytes)
            let (head, count) = try scan.head(within: bounds)
            if count == 0 {
                let payload = try head.parse(scan.rest, [])
                return try head.packet(payload)
            }
            pending = Pending(head: head, json: [UInt8](scan.rest), count: count, size: bytes.count)
            return nil
        }

        /// Reads a message of text; see above.
        public mutating func read(text: [UInt8]) throws(Fault) -> Packet? {
            // A mutating method cannot be called in the closure that borrows the bytes, but a copy of a small struct can.
            var copy = self
            let packet = try text.withBytes { (raw) throws(Fault) in try copy.read(text: raw) }
            self = copy
            return packet
        }

        /// Reads a binary message. Nil when more of them must come first.
        public mutating func read(binary bytes: [UInt8]) throws(Fault) -> Packet? {
            guard var current = pending else { throw .unexpectedBinary }
            pending = nil
            current.size += bytes.count
            guard current.size <= bounds.bytes else { throw .tooLarge }
            current.attachments.append(bytes)
            guard current.attachments.count == current.count else {
                pending = current
                return nil
            }
            let attachments = current.attachments
            let head = current.head
            let payload = try current.json.withBytes { (raw) throws(Fault) in try head.parse(raw, attachments) }
            return try head.packet(payload)
        }
    }

    /// What stands before a packet's JSON.
    struct Head: Sendable {
        let kind: Kind
        let namespace: String
        let id: Int?
    }

    /// Reads a head from the front of a message.
    private struct HeadScan {
        private(set) var rest: UnsafeRawBufferPointer

        init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

        mutating func head(within bounds: Bounds) throws(Fault) -> (Head, attachments: Int) {
            guard let digit = take() else { throw .empty }
            guard digit >= UInt8(ascii: "0"), let kind = Kind(rawValue: digit - UInt8(ascii: "0")) else { throw .unknownType }
            var count = 0
            if kind.isBinary {
                guard let number = number(), take() == UInt8(ascii: "-") else { throw .badAttachmentCount }
                guard number <= bounds.attachments else { throw .tooManyAttachments }
                count = number
            }
            let namespace = try namespace(atMost: bounds.namespace)
            var id: Int?
            if let next = rest.first, Self.isDigit(next) {
                guard let number = number() else { throw .badID }
                id = number
            }
            return (Head(kind: kind, namespace: namespace, id: id), count)
        }

        private mutating func take() -> UInt8? {
            guard let first = rest.first else { return nil }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst())
            return first
        }

        private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

        /// One to fifteen digits: what JavaScript, too, counts without loss.
        private mutating func number() -> Int? {
            let digits = rest.prefix { Self.isDigit($0) }
            guard (1...15).contains(digits.count) else { return nil }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(digits.count))
            return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        }

        private mutating func namespace(atMost most: Int) throws(Fault) -> String {
            guard rest.first == UInt8(ascii: "/") else { return SocketIO.main }
            let name = rest.prefix { $0 != UInt8(ascii: ",") }
            guard name.count <= most else { throw .namespaceTooLong }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(name.count + 1))
            guard let text = String(received: UnsafeRawBufferPointer(rebasing: name)) else { throw .badNamespace }
            return text
        }
    }
}
