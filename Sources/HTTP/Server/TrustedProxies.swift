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
    /// shown. A proxy that we do not know to trust still gives itself away: by the fields it adds, by the name that its clients ask for,
    /// or by the old version of HTTP that nginx speaks to a server when nothing else is set.
    public var isLocal: Bool {
        guard peer.ip.isLoopback, isAskedByLoopbackName, work.pointee.head.isVersion11 else { return false }
        if !passedProxy { return true }
        return connection.serving.options.proxies.trusts(peer.ip) && has(.forwardedFor) && address.isLoopback
    }

    /// Whether `Host` is this machine's name for itself. A page whose own name was made to lead to this machine asks for another.
    private var isAskedByLoopbackName: Bool {
        withField(.host) { host in
            if host.first == UInt8(ascii: "[") {
                guard let end = host.firstIndex(of: UInt8(ascii: "]")) else { return false }
                return IPAddress(String(decoding: host[1..<end], as: UTF8.self))?.isLoopback ?? false
            }
            let name = UnsafeRawBufferPointer(rebasing: host.prefix { $0 != UInt8(ascii: ":") })
            return name.equalsIgnoringCase("localhost") || IPAddress(String(decoding: name, as: UTF8.self))?.isLoopback ?? false
        } ?? false
    }

    /// Whether any field says that a proxy handed the request on.
    private var passedProxy: Bool {
        for index in 0..<work.pointee.head.fieldCount {
            let name = bytes(work.pointee.head.field(at: index).name)
            if Self.proxyFields.contains(where: { name.equalsIgnoringCase($0) }) { return true }
            if name.count > 12, UnsafeRawBufferPointer(rebasing: name[..<12]).equalsIgnoringCase("x-forwarded-") { return true }
        }
        return false
    }

    /// What proxies and content delivery networks add, beside everything that begins with `x-forwarded-`.
    private static let proxyFields: [StaticString] = [
        "forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "x-original-forwarded-for", "x-envoy-external-address",
        "cf-connecting-ip", "cf-ray", "true-client-ip", "fastly-client-ip", "x-azure-clientip", "x-appengine-user-ip",
    ]
}
