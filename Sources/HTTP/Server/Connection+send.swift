internal import Codec
internal import Loop

extension Connection {
    /// Up to this a body is copied behind its head and sent with it; beyond, it is sent from where it is.
    private static let copyLimit = 16 * 1024
    /// What may wait to be sent before a writer waits too.
    static let highWater = 128 * 1024
    private static let compressFrom = 1024

    /// Sends an answer that needs no waiting and no packing, as nearly all are; false, with nothing done, when it is of another kind.
    @inline(__always)
    func sendAtOnce(_ response: Response, for request: Request, keepsAlive: Bool) -> Bool {
        guard pending <= Self.highWater, !isBroken else { return false }
        switch response.body {
        case .none:
            let length = response.status.isBodiless ? nil : 0
            write { ResponseHead.append(response, length: length, keepsAlive: keepsAlive, request, serving, to: &$0) }
            return true
        case .bytes(let bytes) where bytes.count <= Self.compressFrom:
            let isHead = request.method == .head
            write {
                ResponseHead.append(response, length: bytes.count, keepsAlive: keepsAlive, request, serving, to: &$0)
                if !isHead { $0.append(bytes) }
            }
            return true
        default: return false
        }
    }

    /// Sends an answer. Returns when all of it is sent or waits in a bounded buffer; throws when the client has gone.
    func send(_ response: Response, for request: Request, keepsAlive: Bool) async throws {
        let isHead = request.method == .head
        switch response.body {
        case .session: write { ResponseHead.append(response, length: nil, keepsAlive: keepsAlive, request, serving, to: &$0) }
        case .none:
            let length = response.status.isBodiless ? nil : 0
            write { ResponseHead.append(response, length: length, keepsAlive: keepsAlive, request, serving, to: &$0) }
        case .bytes(let plain) where isWorthPacking(response, plain.count):
            // Said of both forms: a cache that keeps the plain one must not give it to who would get the other.
            let response = response.adding("vary", "accept-encoding")
            if request.acceptsGzip, let packed = await compressed(plain) {
                try await send(packed, response.adding("content-encoding", "gzip"), isHead: isHead, keepsAlive: keepsAlive, request)
            } else {
                try await send(plain, response, isHead: isHead, keepsAlive: keepsAlive, request)
            }
        case .bytes(let plain):
            try await send(plain, response, isHead: isHead, keepsAlive: keepsAlive, request)
        case .embedded(let embedded):
            write { ResponseHead.append(response, length: embedded.bytes.count, keepsAlive: keepsAlive, request, serving, to: &$0) }
            if !isHead { try await sendDirectly(embedded.bytes) }
        case .stream(let produce):
            try await stream(produce, response, isHead: isHead, keepsAlive: keepsAlive, request)
        case .sized(let length, let produce):
            try await stream(length, produce, response, isHead: isHead, keepsAlive: keepsAlive, request)
        }
        // Many small answers to a client that does not read them: wait here, and so read no further request of theirs.
        if pending > Self.highWater { try await waitUntilSent(leaving: Self.highWater / 2) }
    }

    private func send(_ body: [UInt8], _ response: Response, isHead: Bool, keepsAlive: Bool, _ request: Request) async throws {
        let isCopied = !isHead && body.count <= Self.copyLimit
        if !isCopied, !isHead, body.count > Self.highWater / 2 { takeLargeOutput() }
        write {
            ResponseHead.append(response, length: body.count, keepsAlive: keepsAlive, request, serving, to: &$0)
            if isCopied { $0.append(body) }
        }
        if isCopied || isHead { return }
        var offset = 0
        while offset < body.count {
            // In pieces, since the array's memory may be borrowed only while nothing is awaited.
            let end = min(offset + Self.highWater, body.count)
            if body.count - offset > Self.highWater / 2 { takeLargeOutput() }
            write { out in body.withUnsafeBytes { out.append(UnsafeRawBufferPointer(rebasing: $0[offset..<end])) } }
            offset = end
            try await waitUntilSent(leaving: Self.highWater / 2)
        }
    }

    // MARK: - Compression

    private func isWorthPacking(_ response: Response, _ count: Int) -> Bool {
        count > Self.compressFrom && response.isCompressible && response.type?.isCompressible == true
    }

    /// Small bodies are packed here and now: a hop to another thread costs more. Large ones would hold up everybody on this loop. When no
    /// thread is free they go as they are: packing saves the client some time, and waiting would cost it more.
    private func compressed(_ plain: [UInt8]) async -> [UInt8]? {
        if plain.count <= 64 * 1024 { return plain.withUnsafeBytes { Gzip.compress($0) } }
        guard let pool = serving.options.packing else { return nil }
        return await pool.runIfFree { plain.withUnsafeBytes { Gzip.compress($0) } }
    }

    // MARK: - Streams

    private func stream(
        _ produce: @Sendable (BodyWriter) async throws -> Void, _ response: Response, isHead: Bool, keepsAlive: Bool, _ request: Request
    ) async throws {
        let isChunked = request.work.pointee.head.isVersion11
        let keepsAlive = keepsAlive && isChunked
        if !isChunked { isClosing = true }
        write { ResponseHead.append(response, length: nil, isChunked: isChunked, keepsAlive: keepsAlive, request, serving, to: &$0) }
        if isHead { return }
        // From here on "100 Continue" would be a part of the answer.
        request.work.pointee.body.mustSayContinue = false
        try await produce(BodyWriter(self, isChunked: isChunked))
        if isChunked { write { $0.append("0\r\n\r\n") } }
    }

    private func stream(
        _ length: Int, _ produce: @Sendable (BodyWriter) async throws -> Void, _ response: Response, isHead: Bool, keepsAlive: Bool,
        _ request: Request
    ) async throws {
        write { ResponseHead.append(response, length: length, keepsAlive: keepsAlive, request, serving, to: &$0) }
        if isHead { return }
        request.work.pointee.body.mustSayContinue = false
        let writer = BodyWriter(self, isChunked: false)
        try await produce(writer)
        guard writer.count == length else { throw WrongLength(announced: length, written: writer.count) }
    }
}

/// A body that was announced longer or shorter than it is.
struct WrongLength: Error {
    let announced: Int
    let written: Int
}

/// The body of an answer that is made while it is sent.
public final class BodyWriter {
    private let connection: Connection
    private let isChunked: Bool
    /// How many bytes it is so far.
    public private(set) var count = 0

    init(_ connection: Connection, isChunked: Bool) {
        self.connection = connection
        self.isChunked = isChunked
    }

    /// Sends bytes; waits while the client is behind. Throws `ConnectionLost` when it has gone.
    public func write(_ bytes: [UInt8]) async throws {
        count += bytes.count
        append(bytes)
        if connection.pending > Connection.highWater { try await connection.waitUntilSent(leaving: Connection.highWater / 2) }
        if connection.isBroken { throw ConnectionLost() }
    }

    private func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        connection.write { out in
            if isChunked {
                out.append(hexadecimal: bytes.count)
                out.append("\r\n")
            }
            out.append(bytes)
            if isChunked { out.append("\r\n") }
        }
    }
}

extension ByteWriter {
    mutating func append(hexadecimal number: Int) {
        var digits = 1
        while number >> (digits * 4) != 0 { digits += 1 }
        for place in stride(from: digits - 1, through: 0, by: -1) {
            let digit = UInt8(truncatingIfNeeded: number >> (place * 4) & 15)
            append(digit + (digit < 10 ? 48 : 87))
        }
    }
}
