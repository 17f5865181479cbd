/// A network such as `10.0.0.0/8`, or one address.
public struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
    /// The network's first address.
    public let address: IPAddress
    /// How many leading bits its addresses share: of IPv4's 32 or IPv6's 128.
    public let prefix: Int

    /// The network that an address is in, when so many leading bits count; at most all of them do.
    public init(of address: IPAddress, prefix: Int) {
        precondition(prefix >= 0)
        self.prefix = min(prefix, address.width)
        self.address = IPAddress(v6: address.bits & Self.mask(self.prefix, of: address.width))
    }

    /// Reads an address or an address with a prefix length. An address with bits beyond its prefix (`10.0.0.1/8`) is
    /// refused: one of its two halves is a slip, and which proxies are trusted must not be guessed.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { return nil }
        guard parts.count == 2 else {
            self.init(of: address, prefix: address.width)
            return
        }
        guard let digit = parts[1].utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit), let written = Int(parts[1]) else {
            return nil
        }
        // `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
        let prefix = address.isIPv4 && parts[0].contains(":") ? written - 96 : written
        guard (0...address.width).contains(prefix) else { return nil }
        self.init(of: address, prefix: prefix)
        guard self.address == address else { return nil }
    }

    /// Whether an address is in this network. IPv4 and IPv6 never match each other.
    public func contains(_ other: IPAddress) -> Bool {
        other.isIPv4 == address.isIPv4 && other.bits & Self.mask(prefix, of: address.width) == address.bits
    }

    public var description: String { prefix == address.width ? "\(address)" : "\(address)/\(prefix)" }

    /// The leading bits; for IPv4 also those above, which make it IPv4.
    private static func mask(_ prefix: Int, of width: Int) -> UInt128 {
        // A shift by the whole width gives 0: Swift's `<<` does not wrap.
        .max << UInt128(width - prefix)
    }
}
