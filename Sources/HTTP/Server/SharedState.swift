internal import Loop

/// What all loops of a server must know together: how many connections there are, and from where.
final class SharedState: Sendable {
    private struct Address: Hashable {
        let high: UInt64
        let low: UInt64

        /// IPv6 clients own a /64 at least, so that counts as one address.
        init(_ peer: SocketAddress) {
            high = peer.high
            low = peer.isIPv4 ? peer.low : 0
        }
    }

    private struct Book {
        var total = 0
        var byAddress: [Address: Int] = [:]
    }

    private let book = Locked(Book())

    /// Counts a new connection, unless there are too many in all or from this address.
    func admit(_ peer: SocketAddress, _ limits: Limits, isExempt: Bool) -> Bool {
        book.withLock { book in
            guard book.total < limits.connections else { return false }
            if !isExempt {
                let address = Address(peer)
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
            let address = Address(peer)
            guard let held = book.byAddress[address] else { return }
            book.byAddress[address] = held > 1 ? held - 1 : nil
        }
    }
}
