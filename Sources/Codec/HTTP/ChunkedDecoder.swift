/// Takes the chunked coding off a body (RFC 9112, 7.1), whatever the pieces in which it comes.
///
/// A value without a buffer: it says which of the bytes it was shown are content, and leaves them where they are.
public struct ChunkedDecoder: Sendable, Equatable {
    /// What the first bytes of those shown are.
    public struct Step: Sendable, Equatable {
        /// How many bytes are dealt with, content and framing.
        public var consumed: Int
        /// Where among them content is.
        public var content: Range<Int>
        /// The body, with its trailers, has ended; what follows `consumed` belongs to the next request.
        public var isFinished: Bool
    }

    /// What all chunk extensions of a body, and all its trailers, may amount to. Nobody uses either for good.
    public static let extensionLimit = 4 * 1024
    public static let trailerLimit = 8 * 1024

    private enum State: Equatable {
        case size(digits: Int)
        case sizeBlank
        case chunkExtension
        case sizeLineFeed
        case content
        case contentReturn
        case contentLineFeed
        case trailerStart
        case trailerName
        case trailerValue
        case trailerLineFeed
        case lastLineFeed
        case finished
    }

    private var state = State.size(digits: 0)
    private var size = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var nameHash: UInt64 = ChunkedDecoder.emptyHash

    public init() {}

    /// Reads from the front of `bytes` until content was found, the body ended, or nothing is left.
    public mutating func step(_ bytes: UnsafeRawBufferPointer) throws(HTTPFault) -> Step {
        var at = 0
        while at < bytes.count {
            if state == .content {
                let end = at &+ min(size, bytes.count &- at)
                size &-= end &- at
                if size == 0 { state = .contentReturn }
                return Step(consumed: end, content: at..<end, isFinished: false)
            }
            try take(bytes[at])
            at &+= 1
            if state == .finished { break }
        }
        return Step(consumed: at, content: at..<at, isFinished: state == .finished)
    }

    private mutating func take(_ byte: UInt8) throws(HTTPFault) {
        switch state {
        case .size(let digits):
            if let digit = ASCII.hexDigit(byte) {
                // Fifteen digits: far beyond any limit of a body, and no overflow.
                guard digits < 15 else { throw .chunkSize }
                size = size << 4 | Int(digit)
                state = .size(digits: digits + 1)
            } else {
                guard digits > 0 else { throw .chunkSize }
                try endSize(byte)
            }
        case .sizeBlank:
            // A blank may stand only before the `;` of an extension.
            guard byte == UInt8(ascii: ";") || ASCII.isBlank(byte) else { throw .chunkSize }
            try countExtension()
            if byte == UInt8(ascii: ";") { state = .chunkExtension }
        case .chunkExtension:
            if byte == ASCII.carriageReturn {
                state = .sizeLineFeed
            } else {
                guard ASCII.isFieldValue(byte) else { throw .chunkExtension }
                try countExtension()
            }
        case .sizeLineFeed:
            guard byte == ASCII.lineFeed else { throw .chunkSize }
            state = size == 0 ? .trailerStart : .content
        case .contentReturn:
            guard byte == ASCII.carriageReturn else { throw .chunkEnd }
            state = .contentLineFeed
        case .contentLineFeed:
            guard byte == ASCII.lineFeed else { throw .chunkEnd }
            state = .size(digits: 0)
        case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed, .lastLineFeed: try takeTrailer(byte)
        case .content, .finished: break
        }
    }

    private mutating func endSize(_ byte: UInt8) throws(HTTPFault) {
        switch byte {
        case ASCII.carriageReturn: state = .sizeLineFeed
        case UInt8(ascii: ";"):
            try countExtension()
            state = .chunkExtension
        case ASCII.space, ASCII.tab:
            try countExtension()
            state = .sizeBlank
        default: throw .chunkSize
        }
    }

    private mutating func countExtension() throws(HTTPFault) {
        extensionBytes += 1
        guard extensionBytes <= Self.extensionLimit else { throw .chunkExtension }
    }

    /// Trailers are checked and let go: no route of ours has a use for them.
    private mutating func takeTrailer(_ byte: UInt8) throws(HTTPFault) {
        trailerBytes += 1
        guard trailerBytes <= Self.trailerLimit else { throw .trailer }
        switch state {
        case .trailerStart:
            if byte == ASCII.carriageReturn {
                state = .lastLineFeed
            } else {
                guard ASCII.isToken(byte) else { throw .trailer }
                nameHash = Self.hash(Self.emptyHash, byte)
                state = .trailerName
            }
        case .trailerName:
            if byte == UInt8(ascii: ":") {
                // A trailer that would have changed the framing or the route, had it been a field.
                guard !Self.forbidden.contains(nameHash) else { throw .trailer }
                state = .trailerValue
            } else {
                guard ASCII.isToken(byte) else { throw .trailer }
                nameHash = Self.hash(nameHash, byte)
            }
        case .trailerValue:
            if byte == ASCII.carriageReturn {
                state = .trailerLineFeed
            } else if !ASCII.isFieldValue(byte) {
                throw .trailer
            }
        case .trailerLineFeed:
            guard byte == ASCII.lineFeed else { throw .trailer }
            state = .trailerStart
        default:
            guard byte == ASCII.lineFeed else { throw .trailer }
            state = .finished
        }
    }

    // Names of trailers are told apart by FNV-1a, so that the decoder needs no buffer for them. A collision would refuse a trailer
    // that nobody sends; it could never let one through.
    private static let emptyHash: UInt64 = 0xCBF2_9CE4_8422_2325

    private static func hash(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
        let folded = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
        return (hash ^ UInt64(folded)) &* 0x100_0000_01B3
    }

    private static let forbidden: Set<UInt64> = Set(
        ["content-length", "transfer-encoding", "host", "authorization", "content-type", "content-encoding", "connection"].map {
            $0.utf8.reduce(emptyHash, hash)
        })
}
