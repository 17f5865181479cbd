/// A body that is gathered from several pieces. It grows as bytes come, never to the length that was merely announced, and what it takes
/// counts in its loop's budget for as long as somebody holds it.
struct WholeBody {
    private var buffer: Buffer
    private var count = 0
    private let budget: BodyBudget

    init(_ first: ByteSlice, _ budget: BodyBudget) throws {
        self.budget = budget
        buffer = try Self.buffer(max(first.count * 2, 4096), budget)
        try append(first)
    }

    private static func buffer(_ capacity: Int, _ budget: BodyBudget) throws -> Buffer {
        Buffer(capacity: capacity, place: try budget.place(for: capacity))
    }

    mutating func append(_ piece: ByteSlice) throws {
        if count + piece.count > buffer.capacity {
            let larger = try Self.buffer(max(buffer.capacity * 2, count + piece.count), budget)
            larger.base.copyMemory(from: buffer.base, byteCount: count)
            buffer = larger
        }
        piece.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            (buffer.base + count).copyMemory(from: start, byteCount: bytes.count)
        }
        count += piece.count
    }

    var slice: ByteSlice { ByteSlice(buffer: buffer, range: 0..<count) }
}
