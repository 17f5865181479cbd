internal import CLinux
internal import Glibc

/// An address of a socket: who calls, or where we listen.
public struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    /// The address as IPv6 (an IPv4 one mapped, `::ffff:a.b.c.d`), high half first.
    public let high: UInt64
    public let low: UInt64
    public let port: UInt16

    public init(high: UInt64, low: UInt64, port: UInt16) {
        self.high = high
        self.low = low
        self.port = port
    }

    public var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }
    public var isLoopback: Bool { isIPv4 ? low >> 24 & 0xFF == 127 : high == 0 && low == 1 }

    /// Reads `127.0.0.1` or `::1`; nil when it is neither form.
    public init?(_ text: String, port: UInt16 = 0) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(UInt32(bigEndian: four.s_addr)), port: port)
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            self.init(six, port: port)
        } else {
            return nil
        }
    }

    private init(_ six: in6_addr, port: UInt16) {
        let halves = withUnsafeBytes(of: six) {
            (UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)), UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
        self.init(high: halves.0, low: halves.1, port: port)
    }

    init(_ storage: sockaddr_storage) {
        self = withUnsafeBytes(of: storage) { raw in
            if storage.ss_family == sa_family_t(AF_INET6) {
                let six = raw.loadUnaligned(as: sockaddr_in6.self)
                return SocketAddress(six.sin6_addr, port: UInt16(bigEndian: six.sin6_port))
            }
            let four = raw.loadUnaligned(as: sockaddr_in.self)
            let low = 0xFFFF_0000_0000 | UInt64(UInt32(bigEndian: four.sin_addr.s_addr))
            return SocketAddress(high: 0, low: low, port: UInt16(bigEndian: four.sin_port))
        }
    }

    /// With its port, as it stands in a URL.
    public var description: String { isIPv4 ? "\(host):\(port)" : "[\(host)]:\(port)" }

    /// The address without its port, as people write it.
    public var host: String {
        if isIPv4 { return "\(low >> 24 & 0xFF).\(low >> 16 & 0xFF).\(low >> 8 & 0xFF).\(low & 0xFF)" }
        var six = in6_addr()
        withUnsafeMutableBytes(of: &six) {
            $0.storeBytes(of: high.bigEndian, as: UInt64.self)
            $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 46) { buffer in
            guard let text = inet_ntop(AF_INET6, &six, buffer.baseAddress, 46) else { return "::" }
            return String(cString: text)
        }
    }

    /// Calls `body` with the address in the system's form.
    func withSystemForm<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        if isIPv4 {
            var four = sockaddr_in()
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            four.sin_addr.s_addr = UInt32(truncatingIfNeeded: low).bigEndian
            return withUnsafePointer(to: &four) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
            }
        }
        var six = sockaddr_in6()
        six.sin6_family = sa_family_t(AF_INET6)
        six.sin6_port = port.bigEndian
        withUnsafeMutableBytes(of: &six.sin6_addr) {
            $0.storeBytes(of: high.bigEndian, as: UInt64.self)
            $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return withUnsafePointer(to: &six) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in6>.size)) }
        }
    }
}

extension SocketAddress {
    /// The addresses of a host's name, by the system's resolver. Blocks: for start-up and the blocking pool.
    public static func resolve(_ host: String, port: UInt16) throws(SystemFault) -> [SocketAddress] {
        if let address = SocketAddress(host, port: port) { return [address] }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { throw SystemFault(number: EADDRNOTAVAIL, call: "look-up of \(host)") }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = list
        while let entry = next {
            var storage = sockaddr_storage()
            withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: UnsafeRawBufferPointer(start: entry.pointee.ai_addr, count: Int(entry.pointee.ai_addrlen))) }
            let address = SocketAddress(storage)
            found.append(SocketAddress(high: address.high, low: address.low, port: port))
            next = entry.pointee.ai_next
        }
        return found
    }
}

/// System calls on sockets that do not block. Counts are bytes; a negative count is the negated number of the error.
public enum Socket {
    /// A listening socket. Several may share a port (`SO_REUSEPORT`): the kernel spreads the connections.
    public static func listen(at address: SocketAddress, backlog: Int32 = 4096) throws(SystemFault) -> Int32 {
        let family = address.isIPv4 ? AF_INET : AF_INET6
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = try SystemFault.check(socket(family, type, 0), "socket")
        do throws(SystemFault) {
            set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
            set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)
            if !address.isIPv4 { set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, address.high == 0 && address.low == 0 ? 0 : 1) }
            try SystemFault.check(address.withSystemForm { bind(descriptor, $0, $1) }, "listen at \(address)")
            try SystemFault.check(Glibc.listen(descriptor, backlog), "listen")
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Throws when somebody listens there already. Sockets that share a port do so with every process of the same user, so that a second
    /// server started by mistake would quietly take half of the first one's connections.
    public static func checkIsFree(_ address: SocketAddress) throws(SystemFault) {
        let family = address.isIPv4 ? AF_INET : AF_INET6
        let descriptor = try SystemFault.check(socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0), "socket")
        defer { close(descriptor) }
        set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        try SystemFault.check(address.withSystemForm { bind(descriptor, $0, $1) }, "listen at \(address)")
    }

    /// Where a socket listens; tells the port that the system chose for port 0.
    public static func localAddress(of descriptor: Int32) -> SocketAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        withUnsafeMutablePointer(to: &storage) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return SocketAddress(storage)
    }

    /// The next connection of a listener.
    public static func accept(_ listener: Int32) throws(SystemFault) -> (descriptor: Int32, peer: SocketAddress) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let descriptor = linux_accept(listener, &storage, &length)
        if descriptor < 0 { throw SystemFault(number: -descriptor, call: "accept") }
        set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        return (descriptor, SocketAddress(storage))
    }

    @inlinable public static func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Int { recvBytes(descriptor, buffer) }
    @inlinable public static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int { sendBytes(descriptor, bytes) }

    @usableFromInline static func recvBytes(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        return count < 0 ? -Int(errno) : count
    }

    @usableFromInline static func sendBytes(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        return count < 0 ? -Int(errno) : count
    }

    public static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
