internal import CRedis

/// What Redis answers.
public enum RedisReply: Sendable, Equatable {
    /// `OK` and the like.
    case status(String)
    /// A refusal, in Redis' words.
    case error(String)
    case integer(Int)
    case bytes([UInt8])
    case null
    case list([RedisReply])

    public var isError: Bool {
        if case .error = self { true } else { false }
    }

    public var integer: Int? {
        if case .integer(let number) = self { number } else { nil }
    }

    /// Bytes or a status as text.
    var text: String? {
        switch self {
        case .status(let text): text
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        default: nil
        }
    }
}

extension RedisReply {
    /// A copy of what hiredis has read.
    fileprivate init(_ reply: redisReply) {
        switch reply.type {
        case REDIS_REPLY_STATUS: self = .status(String(decoding: Self.bytes(reply), as: UTF8.self))
        case REDIS_REPLY_ERROR: self = .error(String(decoding: Self.bytes(reply), as: UTF8.self))
        case REDIS_REPLY_INTEGER: self = .integer(Int(reply.integer))
        case REDIS_REPLY_STRING: self = .bytes(Self.bytes(reply))
        case REDIS_REPLY_ARRAY:
            self = .list((0..<reply.elements).map { index in reply.element[index].map { RedisReply($0.pointee) } ?? .null })
        default: self = .null
        }
    }

    private static func bytes(_ reply: redisReply) -> [UInt8] {
        guard let start = reply.str else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: reply.len))
    }
}

/// Cuts what a socket brings into replies. hiredis' reader, which holds back what is not whole yet.
//
// Unsafe: the reader is ours alone from `init` to `deinit`; each reply is copied before it is freed.
final class ReplyReader {
    /// What came is not Redis' protocol. The link is of no use any more.
    struct Broken: Error {}

    private let reader: UnsafeMutablePointer<redisReader>?
    private let functions = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
    /// Bytes that have come since the last whole reply. hiredis keeps all of them, however many a reply says that it has.
    private var unread = 0
    /// Far more than the longest that nodes tell each other.
    private let mostBytes: Int

    init(mostBytes: Int = 16 * 1024 * 1024) {
        self.mostBytes = mostBytes
        reader = redis_bounded_reader(functions)
    }

    deinit {
        redisReaderFree(reader)
        functions.deallocate()
    }

    func feed(_ bytes: UnsafeRawBufferPointer) throws(Broken) {
        unread += bytes.count
        guard unread <= mostBytes else { throw Broken() }
        guard let reader, redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count) == REDIS_OK else {
            throw Broken()
        }
    }

    /// The next reply that is whole; nil when there is none.
    func next() throws(Broken) -> RedisReply? {
        var raw: UnsafeMutableRawPointer?
        guard let reader, redisReaderGetReply(reader, &raw) == REDIS_OK else { throw Broken() }
        guard let raw else { return nil }
        unread = 0
        defer { freeReplyObject(raw) }
        return RedisReply(raw.assumingMemoryBound(to: redisReply.self).pointee)
    }
}
