public import Loop

extension IPAddress {
    /// Whether this is somebody's address in the open internet, and neither this machine, the network it stands in, nor a range that is
    /// set aside (IANA's special-purpose registries). What a person may make us call must be: a webhook must not reach the database's port
    /// or the cloud's metadata service.
    public var isPublic: Bool {
        if isIPv4 { return !Self.reservedV4.contains { $0.contains(self) } }
        // An IPv4 address as a translator's network has it (RFC 6052) is as public as itself.
        if bits >> 32 == 0x0064_FF9B_0000_0000_0000_0000 { return IPAddress(v4: UInt32(truncatingIfNeeded: bits)).isPublic }
        return Self.globalV6.contains(self) && !Self.reservedV6.contains { $0.contains(self) }
    }

    private static let reservedV4 = networks(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4")

    /// Of IPv6 only this eighth is given out at all.
    private static let globalV6 = IPNetwork(of: IPAddress(v6: 0x2000 << 112), prefix: 3)

    /// Within it: protocols' own (Teredo among them), documentation, and 6to4, which holds an IPv4 address that we do not read.
    private static let reservedV6 = networks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")

    private static func networks(_ texts: String...) -> [IPNetwork] {
        texts.map { text in
            guard let network = IPNetwork(text) else { preconditionFailure("\(text) is no network") }
            return network
        }
    }
}
