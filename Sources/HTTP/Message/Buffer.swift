/// A fixed piece of memory that bytes from a socket are received into.
///
/// It is shared by reference: the connection goes on filling its end while a request still reads from its front. What was
/// received is moved or overwritten only while nobody else holds the buffer, so a `ByteSlice` is as safe as a copy.
//
// `@unchecked Sendable`: bytes are written once, by the loop that received them, before a slice of them exists.
final class Buffer: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    let capacity: Int
    /// Its room in the budget of bodies, if it counts there.
    private let place: BodyPlace?

    init(capacity: Int, place: BodyPlace? = nil) {
        self.capacity = capacity
        self.place = place
        base = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        assert(range.lowerBound >= 0 && range.upperBound <= capacity)
        return UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    /// What most requests fit in; a connection that waits for nothing holds none.
    static let common = 8 * 1024
    /// Holds the longest head: 16 KiB of fields and a target of 8 KiB with its method.
    static let large = 32 * 1024
}

/// Bytes of a request's body, where they were received.
public struct ByteSlice: Sendable {
    let buffer: Buffer
    let range: Range<Int>

    public var count: Int { range.count }
    public var isEmpty: Bool { range.isEmpty }

    public func withUnsafeBytes<Result, Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Result) throws(Failure)
        -> Result
    {
        try withExtendedLifetime(buffer) { () throws(Failure) in try body(buffer.bytes(range)) }
    }

    public var array: [UInt8] { withUnsafeBytes { [UInt8]($0) } }
    public var text: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}

/// The buffers that a loop's connections use in turn. Loop only.
final class BufferPool {
    private var free: [Buffer] = []
    private let bound: Int

    init(bound: Int = 256) { self.bound = bound }

    func take() -> Buffer { free.popLast() ?? Buffer(capacity: Buffer.common) }

    /// Takes a buffer back, unless somebody still holds it (or it is of another size): then it goes when they let go.
    func giveBack(_ buffer: consuming Buffer) {
        var buffer = buffer
        guard buffer.capacity == Buffer.common, free.count < bound, isKnownUniquelyReferenced(&buffer) else { return }
        free.append(buffer)
    }
}
