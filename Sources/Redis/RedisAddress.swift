/// Where Redis is and who we are to it, read from `redis://[user][:password@]host[:port][/database]`.
public struct RedisAddress: Sendable, Equatable {
    /// The URL is none of ours. Never holds any of its text, which may have a password in it.
    public struct Fault: Error, Equatable, CustomStringConvertible {
        public let description: String
    }

    let host: String
    let port: String
    let user: String?
    let password: String?
    let database: Int

    /// Reads a URL. Throws when it is not Redis', or asks for what we cannot do.
    public init(_ url: String) throws(Fault) {
        guard let scheme = url.firstRange(of: "://") else { throw Fault(description: "has no scheme: redis://HOST:PORT") }
        switch url[..<scheme.lowerBound].lowercased() {
        case "redis", "valkey": break
        // A link that looks safe and is not would be worse than none.
        case "rediss", "valkeys":
            throw Fault(description: "asks for TLS to Redis, which Martlet does not speak: tunnel it, or use redis://")
        default: throw Fault(description: "must begin with redis://")
        }
        var rest = url[scheme.upperBound...]
        guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else { throw Fault(description: "takes no query") }
        (user, password) = try Self.credentials(&rest)
        database = try Self.database(&rest)
        (host, port) = try Self.place(rest)
    }

    /// What stands before the last `@`; nothing when there is none.
    private static func credentials(_ rest: inout Substring) throws(Fault) -> (user: String?, password: String?) {
        guard let at = rest.lastIndex(of: "@") else { return (nil, nil) }
        let text = rest[..<at]
        rest = rest[rest.index(after: at)...]
        guard let colon = text.firstIndex(of: ":") else {
            throw Fault(description: "names a user without a password: redis://USER:PASSWORD@HOST, or redis://:PASSWORD@HOST")
        }
        guard let user = decoded(text[..<colon]), let password = decoded(text[text.index(after: colon)...]) else {
            throw Fault(description: "has a user or password that is not percent-encoded as it should be")
        }
        return (user.isEmpty ? nil : user, password.isEmpty ? nil : password)
    }

    private static func database(_ rest: inout Substring) throws(Fault) -> Int {
        guard let slash = rest.firstIndex(of: "/") else { return 0 }
        let text = rest[rest.index(after: slash)...]
        rest = rest[..<slash]
        if text.isEmpty { return 0 }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text), number <= 65_535 else {
            throw Fault(description: "must end in the number of a database, as in redis://HOST:6379/0")
        }
        return number
    }

    private static func place(_ text: Substring) throws(Fault) -> (host: String, port: String) {
        var host = text
        var port = Substring("6379")
        // An IPv6 address stands in brackets, since it has colons of its own.
        let tail = text.hasPrefix("[") ? text.firstIndex(of: "]").map { text.index(after: $0) } : text.firstIndex(of: ":")
        if let tail, tail < text.endIndex {
            guard text[tail] == ":" else { throw Fault(description: "names a host that is none") }
            host = text[..<tail]
            port = text[text.index(after: tail)...]
        }
        if host.hasPrefix("[") {
            guard host.hasSuffix("]") else { throw Fault(description: "names a host that is none") }
            host = host.dropFirst().dropLast()
        }
        guard !host.isEmpty, !host.utf8.contains(0) else { throw Fault(description: "names no host") }
        guard let number = UInt16(port), number > 0, port.first != "+" else { throw Fault(description: "has a port that is none") }
        return (String(host), String(number))
    }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var source = text.utf8.makeIterator()
        while let byte = source.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = source.next().flatMap(digit), let low = source.next().flatMap(digit) else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
