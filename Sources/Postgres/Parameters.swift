internal import CPostgres
internal import Glibc
internal import Storage

/// The parameters of one statement as libpq wants them, all in binary; its memory serves one statement after the other.
final class Parameters {
    private(set) var count: Int32 = 0
    private(set) var types: UnsafeMutablePointer<Oid>
    private(set) var values: UnsafeMutablePointer<UnsafePointer<CChar>?>
    private(set) var lengths: UnsafeMutablePointer<Int32>
    private(set) var formats: UnsafeMutablePointer<Int32>
    private var capacity = 0

    private var bytes: UnsafeMutableRawPointer
    private var bytesCapacity: Int
    private var used = 0

    /// Larger values are not kept room for.
    private static let keptBytes = 64 * 1024

    init() {
        types = .allocate(capacity: 0)
        values = .allocate(capacity: 0)
        lengths = .allocate(capacity: 0)
        formats = .allocate(capacity: 0)
        bytesCapacity = 1024
        bytes = .allocate(byteCount: bytesCapacity, alignment: 1)
    }

    deinit {
        freeLists()
        bytes.deallocate()
    }

    /// The longest statement that is sent: the protocol counts bytes in 31 bits.
    private static let mostBytes = 1 << 30

    /// Lays the values out. Throws `.broken` for one that the two engines would not keep alike, and for more than may be sent. Good until
    /// the next call.
    func encode(_ list: [Value]) throws(StorageFault) {
        let size = Self.size(of: list)
        guard size <= Self.mostBytes else { throw .broken("a statement has \(size) bytes of parameters") }
        makeRoom(for: size, list.count)
        for (index, value) in list.enumerated() {
            types[index] = TypeNumber.of(value.kind)
            let start = used
            let isThere = try append(value)
            // Room for all was made, so nothing moves any more.
            values[index] = isThere ? UnsafePointer((bytes + start).assumingMemoryBound(to: CChar.self)) : nil
            lengths[index] = Int32(used - start)
        }
        count = Int32(list.count)
    }

    /// False for NULL.
    private func append(_ value: Value) throws(StorageFault) -> Bool {
        switch value {
        case .null: return false
        case .integer(let number): append(bigEndian: UInt64(bitPattern: number).bigEndian)
        case .real(let number):
            guard !number.isNaN else { throw .broken("a parameter is not a number, which cannot be stored") }
            append(bigEndian: number.bitPattern.bigEndian)
        case .boolean(let flag): append(bigEndian: UInt8(flag ? 1 : 0))
        case .uuid(let id): append(bigEndian: id.bigEndian)
        case .bytes(let list): list.withUnsafeBytes { append($0) }
        case .text(var text):
            let hasNUL = text.withUTF8 { utf8 in
                append(UnsafeRawBufferPointer(utf8))
                return utf8.baseAddress.map { memchr($0, 0, utf8.count) != nil } ?? false
            }
            if hasNUL { throw .broken("a text parameter contains NUL, which cannot be stored") }
        }
        return true
    }

    private func append<Number: FixedWidthInteger>(bigEndian number: Number) {
        bytes.storeBytes(of: number, toByteOffset: used, as: Number.self)
        used += MemoryLayout<Number>.size
    }

    private func append(_ source: UnsafeRawBufferPointer) {
        guard let start = source.baseAddress else { return }
        (bytes + used).copyMemory(from: start, byteCount: source.count)
        used += source.count
    }

    private static func size(of list: [Value]) -> Int {
        // One more, since an empty value must still have an address: none at all means NULL.
        list.reduce(1) { sum, value in
            switch value {
            case .text(let text): sum + text.utf8.count
            case .bytes(let bytes): sum + bytes.count
            default: sum + 16
            }
        }
    }

    private func makeRoom(for needed: Int, _ count: Int) {
        used = 0
        if needed > bytesCapacity || (bytesCapacity > Self.keptBytes && needed <= Self.keptBytes) {
            bytes.deallocate()
            bytesCapacity = max(needed, 1024)
            bytes = .allocate(byteCount: bytesCapacity, alignment: 1)
        }
        guard count > capacity else { return }
        freeLists()
        capacity = max(count, capacity * 2, 8)
        types = .allocate(capacity: capacity)
        values = .allocate(capacity: capacity)
        lengths = .allocate(capacity: capacity)
        formats = .allocate(capacity: capacity)
        formats.initialize(repeating: 1, count: capacity)
    }

    private func freeLists() {
        types.deallocate()
        values.deallocate()
        lengths.deallocate()
        formats.deallocate()
    }
}
