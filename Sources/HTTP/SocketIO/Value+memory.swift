internal import Codec

extension SocketIO.Value {
    /// About how many bytes the value takes in memory. `[[1],[1],…]` takes twenty times what it is on the wire.
    var memory: Int {
        switch self {
        case .null, .bool, .integer, .number: 0
        case .text(let text): text.utf8.count + Self.head
        case .binary(let bytes), .json(let bytes): bytes.count + Self.head
        case .list(let elements): elements.reduce(Self.head) { $0 + Self.place + $1.memory }
        case .object(let members): members.reduce(Self.head) { $0 + Self.place + Self.head + $1.name.utf8.count + $1.value.memory }
        }
    }

    /// An allocation's head and slack.
    private static let head = 64
    /// A place in an array, which may be twice as long as what is in it.
    private static let place = 2 * MemoryLayout<SocketIO.Value.Member>.stride
}
