internal import CLinux
internal import Glibc

/// An address of a socket: who calls, or where we listen.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    public let ip: IPAddress
    /// 0 when there is none; to listen at it lets the system choose one.
    public let port: UInt16

    public init(_ ip: IPAddress, port: UInt16 = 0) {
        self.ip = ip
        self.port = port
    }

    /// Reads `1.2.3.4:80` and `[::1]:80`; without a port also `1.2.3.4`, `[::1]` and `::1`.
    public init?(_ text: some StringProtocol) {
        if let ip = IPAddress(text) {
            self.init(ip)
            return
        }
        let end: Substring.Index
        let whole = Substring(text)
        let host: Substring
        if whole.first == "[" {
            guard let close = whole.firstIndex(of: "]") else { return nil }
            host = whole[..<close].dropFirst()
            guard host.contains(":") else { return nil }
            end = whole.index(after: close)
        } else {
            guard let colon = whole.firstIndex(of: ":") else { return nil }
            host = whole[..<colon]
            end = colon
        }
        guard let ip = IPAddress(host), let port = Self.port(whole[end...]) else { return nil }
        self.init(ip, port: port)
    }

    /// `:80` for `:80`, 0 for nothing, nil when it is no port.
    private static func port(_ text: Substring) -> UInt16? {
        if text.isEmpty { return 0 }
        let digits = text.dropFirst()
        guard text.first == ":", digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt16(digits)
    }

    /// With its port, as it stands in a URL.
    public var description: String { ip.isIPv4 ? "\(ip):\(port)" : "[\(ip)]:\(port)" }
}

/// The system's form.
extension SocketAddress {
    init(_ storage: sockaddr_storage) {
        self = withUnsafeBytes(of: storage) { raw in
            if storage.ss_family == sa_family_t(AF_INET6) {
                let v6 = raw.loadUnaligned(as: sockaddr_in6.self)
                return SocketAddress(IPAddress(v6.sin6_addr), port: UInt16(bigEndian: v6.sin6_port))
            }
            let v4 = raw.loadUnaligned(as: sockaddr_in.self)
            return SocketAddress(IPAddress(v4.sin_addr), port: UInt16(bigEndian: v4.sin_port))
        }
    }

    func withSystemForm<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        let length = withUnsafeMutableBytes(of: &storage) { raw in
            if ip.isIPv4 {
                var v4 = sockaddr_in()
                v4.sin_family = sa_family_t(AF_INET)
                v4.sin_port = port.bigEndian
                v4.sin_addr = ip.systemV4
                raw.storeBytes(of: v4, as: sockaddr_in.self)
                return MemoryLayout<sockaddr_in>.size
            }
            var v6 = sockaddr_in6()
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = port.bigEndian
            v6.sin6_addr = ip.systemV6
            raw.storeBytes(of: v6, as: sockaddr_in6.self)
            return MemoryLayout<sockaddr_in6>.size
        }
        return withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
        }
    }
}
