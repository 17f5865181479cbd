internal import Glibc

/// An IPv4 or IPv6 address. One that is IPv4 inside IPv6 (`::ffff:10.0.0.1`, as a socket for both reports it) is the IPv4 one.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// The address as one number of 128 bits; an IPv4 one as it stands inside IPv6, so that each address has one number only.
    public let bits: UInt128

    public init(v4: UInt32) { bits = Self.mapped | UInt128(v4) }

    public init(v6: UInt128) { bits = v6 }

    /// Reads `127.0.0.1`, `::1` and nothing looser: no names, no zones, no short or octal IPv4.
    public init?(_ text: some StringProtocol) {
        guard !text.utf8.contains(0) else { return nil }
        var v4 = in_addr()
        var v6 = in6_addr()
        if text.withCString({ inet_pton(AF_INET, $0, &v4) }) == 1 {
            self.init(v4)
        } else if text.withCString({ inet_pton(AF_INET6, $0, &v6) }) == 1 {
            self.init(v6)
        } else {
            return nil
        }
    }

    public var isIPv4: Bool { bits >> 32 == Self.mapped >> 32 }
    public var isLoopback: Bool { isIPv4 ? bits >> 24 & 0xFF == 127 : bits == 1 }

    /// How many bits people count of it.
    public var width: Int { isIPv4 ? 32 : 128 }

    /// As people write it, without brackets.
    public var description: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
            let room = socklen_t(text.count)
            var v4 = systemV4
            var v6 = systemV6
            // There is room for the longest, so neither call can fail; an empty text would say that one did.
            text[0] = 0
            _ = isIPv4 ? inet_ntop(AF_INET, &v4, text.baseAddress, room) : inet_ntop(AF_INET6, &v6, text.baseAddress, room)
            return text.baseAddress.map { String(cString: $0) } ?? ""
        }
    }

    private static let mapped: UInt128 = 0xFFFF << 32
}

/// The system's forms.
extension IPAddress {
    init(_ v4: in_addr) { self.init(v4: UInt32(bigEndian: v4.s_addr)) }

    init(_ v6: in6_addr) {
        self.init(v6: UInt128(bigEndian: withUnsafeBytes(of: v6) { $0.loadUnaligned(as: UInt128.self) }))
    }

    var systemV4: in_addr { in_addr(s_addr: UInt32(truncatingIfNeeded: bits).bigEndian) }

    var systemV6: in6_addr {
        var v6 = in6_addr()
        withUnsafeMutableBytes(of: &v6) { $0.storeBytes(of: bits.bigEndian, as: UInt128.self) }
        return v6
    }
}
