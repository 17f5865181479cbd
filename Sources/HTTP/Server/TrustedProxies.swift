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
        guard trusts(peer) else { return peer }
        var client = peer
        for member in request.members(of: .forwardedFor).reversed() {
            // Some write the client's port too.
            guard let address = SocketAddress(member) else { break }
            client = address.ip
            if !trusts(client) { break }
        }
        return client
    }

    /// Whether the proxy before us was asked over TLS: the last word counts, since those before it may be the client's own.
    func isEncrypted(_ request: Request) -> Bool {
        trusts(request.peer.ip) && request.members(of: .forwardedProto).last?.equalsIgnoringCase("https") == true
    }
}

extension Request {
    /// The members of a list that may be spread over several fields. Where one proxy adds to the field that is there, another adds a
    /// field of its own behind it; so to read the first alone would be to believe the client.
    fileprivate func members(of name: FieldName) -> [String] {
        guard has(name) else { return [] }
        var members: [String] = []
        for index in 0..<work.pointee.head.fieldCount {
            let field = work.pointee.head.field(at: index)
            guard bytes(field.name).equalsIgnoringCase(name.text) else { continue }
            members += bytes(field.value).split(separator: UInt8(ascii: ",")).map {
                String(decoding: UnsafeRawBufferPointer(rebasing: $0).trimmed, as: UTF8.self)
            }
        }
        return members
    }

    /// Whether the request was made on this very machine, and by nobody behind a proxy: what is open to the operator alone may be
    /// shown. A proxy that we do not know to trust still gives itself away by the fields it adds.
    public var isLocal: Bool {
        guard peer.ip.isLoopback else { return false }
        if !has(.forwardedFor) && !has(.forwarded) && !has(.forwardedProto) { return true }
        return connection.serving.options.proxies.trusts(peer.ip) && has(.forwardedFor) && address.isLoopback
    }
}
