internal import Codec
public import Loop

/// The proxies whose word about a client we take: `X-Forwarded-For` and `X-Forwarded-Proto` of anybody else are only claims.
public struct TrustedProxies: Sendable {
    /// A block of addresses, such as `10.0.0.0/8`.
    public struct Network: Sendable, Equatable {
        private let address: SocketAddress
        private let bits: Int

        /// - Parameter bits: how many leading bits count; of IPv4's 32 or IPv6's 128. Nil when there are not so many.
        public init?(_ address: SocketAddress, bits: Int) {
            guard bits >= 0, bits <= (address.isIPv4 ? 32 : 128) else { return nil }
            self.address = address
            self.bits = address.isIPv4 ? bits + 96 : bits
        }

        func contains(_ other: SocketAddress) -> Bool {
            let high = bits >= 64 ? UInt64.max : ~(UInt64.max >> UInt64(bits))
            let low = bits >= 128 ? UInt64.max : bits <= 64 ? 0 : ~(UInt64.max >> UInt64(bits - 64))
            return address.high & high == other.high & high && address.low & low == other.low & low
        }
    }

    private let networks: [Network]

    public init(_ networks: [Network] = []) { self.networks = networks }

    var isEmpty: Bool { networks.isEmpty }

    public func trusts(_ address: SocketAddress) -> Bool {
        !networks.isEmpty && networks.contains { $0.contains(address) }
    }

    /// Who asks. The list of forwarders grows to the right, so it is read from there: the first address that is no proxy of ours.
    func client(of request: Request) -> SocketAddress {
        guard trusts(request.peer), let list = request[.forwardedFor] else { return request.peer }
        var client = request.peer
        for member in list.split(separator: ",").reversed() {
            guard let address = Self.address(String(member)) else { break }
            client = address
            if !trusts(address) { break }
        }
        return client
    }

    /// `1.2.3.4`, `1.2.3.4:5678`, `::1` or `[::1]:5678`.
    private static func address(_ text: String) -> SocketAddress? {
        var text = text.split(separator: " ").joined()
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            text = String(text[text.index(after: text.startIndex)..<end])
        } else if text.contains("."), let colon = text.lastIndex(of: ":") {
            text = String(text[..<colon])
        }
        return SocketAddress(text)
    }

    func isEncrypted(_ request: Request) -> Bool {
        trusts(request.peer) && request[.forwardedProto]?.lowercased() == "https"
    }
}

extension Request {
    /// Whether the request was made on this very machine, and by nobody behind a proxy: what is open to the operator alone may be
    /// shown. A proxy that we do not know to trust still gives itself away by the fields it adds.
    public var isLocal: Bool {
        guard peer.isLoopback else { return false }
        if !has(.forwardedFor) && !has(.forwarded) && !has(.forwardedProto) { return true }
        return connection.serving.options.proxies.trusts(peer) && has(.forwardedFor) && address.isLoopback
    }
}
