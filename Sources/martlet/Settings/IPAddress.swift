import CLinux
import Glibc

/// An IPv4 or IPv6 address. One that is IPv4 inside IPv6 (`::ffff:10.0.0.1`, as a socket for both reports it) is the IPv4 one.
struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    let isIPv4: Bool
    /// The address as one number of 128 bits; an IPv4 one in the lowest 32.
    let bits: UInt128

    init(v4: UInt32) {
        isIPv4 = true
        bits = UInt128(v4)
    }

    init(v6: UInt128) {
        isIPv4 = v6 >> 32 == 0xFFFF
        bits = isIPv4 ? v6 & 0xFFFF_FFFF : v6
    }

    /// Reads `127.0.0.1`, `::1` and nothing looser: no names, no zones, no short or octal IPv4.
    init?(_ text: String) {
        guard !text.utf8.contains(0) else { return nil }
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.init(v4: UInt32(bigEndian: v4.s_addr))
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            self.init(v6: UInt128(bigEndian: withUnsafeBytes(of: v6) { $0.loadUnaligned(as: UInt128.self) }))
        } else {
            return nil
        }
    }

    var width: Int { isIPv4 ? 32 : 128 }

    var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        if isIPv4 {
            var address = in_addr(s_addr: UInt32(truncatingIfNeeded: bits).bigEndian)
            inet_ntop(AF_INET, &address, &text, socklen_t(text.count))
        } else {
            var address = bits.bigEndian
            inet_ntop(AF_INET6, &address, &text, socklen_t(text.count))
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// A network such as `10.0.0.0/8`, or one address.
struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
    let address: IPAddress
    let prefix: Int

    /// Reads an address or an address with a prefix length. An address with bits beyond its prefix (`10.0.0.1/8`) is
    /// refused: one of its two halves is a slip, and which proxies are trusted must not be guessed.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else { return nil }
        self.address = address
        guard parts.count == 2 else {
            prefix = address.width
            return
        }
        guard let written = Int(decimal: parts[1]) else { return nil }
        // `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
        prefix = address.isIPv4 && parts[0].contains(":") ? written - 96 : written
        guard (0...address.width).contains(prefix), address.bits & ~mask == 0 else { return nil }
    }

    /// Whether an address is in this network. IPv4 and IPv6 never match each other.
    func contains(_ other: IPAddress) -> Bool {
        other.isIPv4 == address.isIPv4 && other.bits & mask == address.bits
    }

    private var mask: UInt128 {
        let all: UInt128 = address.isIPv4 ? 0xFFFF_FFFF : .max
        return prefix == 0 ? 0 : all & (.max << UInt128(address.width - prefix))
    }

    var description: String { prefix == address.width ? "\(address)" : "\(address)/\(prefix)" }
}

extension Int {
    /// Reads plain decimal digits: no sign, no blank, no `_`.
    init?(decimal text: some StringProtocol) {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        self.init(text)
    }
}
