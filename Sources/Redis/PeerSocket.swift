internal import Glibc
internal import Loop

/// Finds a host's addresses and begins to connect. Names are looked up anew each time, since a failover is often a change of the name's
/// address, and on the pool of blocking work, since a name server may be slow.
struct PeerSocket: Sendable {
    /// An address in the system's form.
    struct Place: Sendable {
        fileprivate let family: Int32
        fileprivate let bytes: [UInt8]
    }

    /// Calls `found` on any thread with the addresses, none when the name has none now.
    static func find(_ host: String, _ port: String, on pool: BlockingPool, _ found: @escaping @Sendable ([Place]) -> Void) {
        if IPAddress(host) != nil { return found(lookUp(host, port)) }
        if !pool.submit({ found(lookUp(host, port)) }) { found([]) }
    }

    private static func lookUp(_ host: String, _ port: String) -> [Place] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, port, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var places: [Place] = []
        var entry = list
        while let item = entry {
            if let address = item.pointee.ai_addr {
                let bytes = [UInt8](UnsafeRawBufferPointer(start: address, count: Int(item.pointee.ai_addrlen)))
                places.append(Place(family: item.pointee.ai_family, bytes: bytes))
            }
            entry = item.pointee.ai_next
        }
        return places
    }

    /// A socket on its way to `place`, which becomes writable when it is there or has failed. Nil when there can be none.
    static func connect(to place: Place) -> Int32? {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(place.family, type, 0)
        guard descriptor >= 0 else { return nil }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        // The bytes are a whole `sockaddr` of this family, as the system gave them, and are not kept by the call.
        let result = place.bytes.withUnsafeBytes { raw in
            raw.withMemoryRebound(to: sockaddr.self) { Glibc.connect(descriptor, $0.baseAddress, socklen_t(place.bytes.count)) }
        }
        guard result == 0 || errno == EINPROGRESS else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// Whether a socket that became writable has connected.
    static func hasConnected(_ descriptor: Int32) -> Bool {
        var fault: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &fault, &length) == 0 && fault == 0
    }
}
