internal import CLinux
internal import Glibc

/// System calls on sockets that do not block. Counts are bytes; a negative count is the negated number of the error.
public enum Socket {
    /// How many bytes that are not yet on their way the kernel takes for a connection: enough to keep a fast line busy, and far less than
    /// the megabytes that its send buffer would grow to for a client that does not read.
    public static let mostUnsent = 128 * 1024

    /// A listening socket. Several may share a port (`SO_REUSEPORT`): the kernel spreads the connections.
    public static func listen(at address: SocketAddress, backlog: Int32 = 4096) throws(SystemFault) -> Int32 {
        let family = address.ip.isIPv4 ? AF_INET : AF_INET6
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = try SystemFault.check(socket(family, type, 0), "socket")
        do throws(SystemFault) {
            set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
            set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)
            // `::` takes IPv4 callers too; any other IPv6 address means just that one.
            if !address.ip.isIPv4 { set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, address.ip.bits == 0 ? 0 : 1) }
            // The connections that it accepts inherit this.
            set(descriptor, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, Int32(mostUnsent))
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
        let family = address.ip.isIPv4 ? AF_INET : AF_INET6
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

    @inlinable public static func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        recvBytes(descriptor, buffer)
    }
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

    /// Closes a connection so that the kernel forgets what it still holds for the other side, who hears of a reset.
    public static func reset(_ descriptor: Int32) {
        linux_reset_on_close(descriptor)
        close(descriptor)
    }

    /// How many bytes the other side of a connection has acknowledged, since it was opened.
    public static func acknowledged(_ descriptor: Int32) -> UInt64 { linux_acknowledged(descriptor) }

    /// Whether the kernel holds bytes for the other side that it has not acknowledged. The end of our side does not count.
    public static func holdsUnacknowledged(_ descriptor: Int32) -> Bool { linux_unacknowledged(descriptor) > 1 }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
