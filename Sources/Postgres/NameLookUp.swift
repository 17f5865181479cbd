internal import Glibc
internal import Loop

/// Finds the addresses of the database's hosts on the pool of blocking work: libpq would ask the name server on the loop.
///
/// Asked anew for each connection, since a failover is often a change of the name's address; but all who ask while an
/// answer is awaited share it, so a name server that is slow holds one thread and not all.
final class NameLookUp: Sendable {
    typealias Answer = @Sendable ([ServerAddress.Host]?) -> Void

    private let address: ServerAddress
    private let pool: BlockingPool
    private let waiting = Locked<[Answer]>([])

    init(_ address: ServerAddress, on pool: BlockingPool) {
        self.address = address
        self.pool = pool
    }

    /// Calls `answer`, perhaps at once and perhaps on another thread; with nil when a name has no address now.
    func find(_ answer: @escaping Answer) {
        guard address.needsLookUp else { return answer(address.hosts) }
        let isFirst = waiting.withLock { waiting in
            waiting.append(answer)
            return waiting.count == 1
        }
        guard isFirst else { return }
        if !pool.submit({ self.tell(Self.lookUp(self.address.hosts)) }) { tell(nil) }
    }

    private func tell(_ hosts: [ServerAddress.Host]?) {
        let waiting = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        for answer in waiting { answer(hosts) }
    }

    /// Each host with each of its addresses, in the system's order. A name without one is left out as long as another has some.
    private static func lookUp(_ hosts: [ServerAddress.Host]) -> [ServerAddress.Host]? {
        let found = hosts.flatMap { host -> [ServerAddress.Host] in
            if host.isLocal || !host.address.isEmpty { return [host] }
            return addresses(of: host.name).map { ServerAddress.Host(name: host.name, port: host.port, address: $0) }
        }
        return found.isEmpty ? nil : found
    }

    private static func addresses(of name: String) -> [String] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &list) == 0, let list else { return [] }
        defer { freeaddrinfo(list) }
        var found: [String] = []
        var entry: UnsafeMutablePointer<addrinfo>? = list
        while let item = entry {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(item.pointee.ai_addr, item.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 {
                found.append(String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
            }
            entry = item.pointee.ai_next
        }
        return found
    }
}
