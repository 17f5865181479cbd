/// A command as Redis takes it: words of any bytes, each told with its length, so that nothing in them can become a command.
public struct RedisCommand: Sendable {
    let bytes: [UInt8]

    public init(_ words: String...) { self.init(words.map { Array($0.utf8) }) }

    public init(_ words: [[UInt8]]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16 + words.reduce(0) { $0 + $1.count + 16 })
        bytes.append(contentsOf: "*\(words.count)\r\n".utf8)
        for word in words {
            bytes.append(contentsOf: "$\(word.count)\r\n".utf8)
            bytes.append(contentsOf: word)
            bytes.append(contentsOf: [13, 10])
        }
        self.bytes = bytes
    }

    /// Tells all who have subscribed to the channel.
    public static func publish(_ message: [UInt8], to channel: String) -> RedisCommand {
        RedisCommand([Array("PUBLISH".utf8), Array(channel.utf8), message])
    }
}
