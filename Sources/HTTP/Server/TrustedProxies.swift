internal import Codec
public import Loop

/// The proxies whose word about a client we take: `X-Forwarded-For` and `X-Forwarded-Proto` of anybody else are only claims.
public struct TrustedProxies: Sendable {
    private let networks: [IPNetwork]

    public init(_ networks: [IPNetwork] = []) { self.networks = networks }

    var isEmpty: Bool { networks.isEmpty }

    public func trusts(_ address: IPAddress) -> Bool {
        !networks.isEmpty && networks.contains { $0.contains(address) }
    }

    /// Who asks. The list of forwarders grows to the right, so it is read from there: the first address that is no proxy of ours.
    func client(of request: Request) -> IPAddress {
        let peer = request.peer.ip
        guard trusts(peer), let list = request[.forwardedFor] else { return peer }
        var client = peer
        for member in list.split(separator: ",").reversed() {
            // Some write the client's port too.
            guard let address = SocketAddress(Self.trimmed(member)) else { break }
            client = address.ip
            if !trusts(client) { break }
        }
        return client
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }

    func isEncrypted(_ request: Request) -> Bool {
        trusts(request.peer.ip) && request[.forwardedProto]?.lowercased() == "https"
    }
}

extension Request {
    /// Whether the request was made on this very machine, and by nobody behind a proxy: what is open to the operator alone may be
    /// shown. A proxy that we do not know to trust still gives itself away by the fields it adds.
    public var isLocal: Bool {
        guard peer.ip.isLoopback else { return false }
        if !has(.forwardedFor) && !has(.forwarded) && !has(.forwardedProto) { return true }
        return connection.serving.options.proxies.trusts(peer.ip) && has(.forwardedFor) && address.isLoopback
    }
}
