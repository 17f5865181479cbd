internal import Loop

/// What all loops of a server must know together: how many connections there are, and from where.
final class SharedState: Sendable {
    private struct Book {
        var total = 0
        var byAddress: [IPNetwork: Int] = [:]
    }

    private let book = Locked(Book())

    /// IPv6 clients own a /64 at least, so that counts as one address.
    private static func address(of peer: SocketAddress) -> IPNetwork { IPNetwork(of: peer.ip, prefix: 64) }

    /// Counts a new connection, unless there are too many in all or from this address.
    func admit(_ peer: SocketAddress, _ limits: Limits, isExempt: Bool) -> Bool {
        book.withLock { book in
            guard book.total < limits.connections else { return false }
            if !isExempt {
                let address = Self.address(of: peer)
                let held = book.byAddress[address, default: 0]
                guard limits.connectionsPerAddress == 0 || held < limits.connectionsPerAddress else { return false }
                book.byAddress[address] = held + 1
            }
            book.total += 1
            return true
        }
    }

    func leave(_ peer: SocketAddress, isExempt: Bool) {
        book.withLock { book in
            book.total -= 1
            guard !isExempt else { return }
            let address = Self.address(of: peer)
            guard let held = book.byAddress[address] else { return }
            book.byAddress[address] = held > 1 ? held - 1 : nil
        }
    }
}
