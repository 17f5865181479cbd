internal import Loop

extension IPAddress {
    /// The network that a client's provider gave it, which is what a limit counts: an IPv4 address, or the first half of an IPv6 one, of
    /// whose second half everybody has 2⁶⁴.
    var networkText: String { isIPv4 ? description : IPAddress(v6: (bits >> 64) << 64).description + "/64" }
}
