import Clients
import Loop
import Testing

@Suite("Public addresses") struct PublicAddressTests {
    @Test(
        "somebody's in the open internet",
        arguments: [
            "1.1.1.1", "8.8.8.8", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "192.167.1.1",
            "223.255.255.255",
            "2606:4700::1111", "2001:200::1", "2a00:1450::1", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8",
        ])
    func open(_ text: String) throws { #expect(try #require(IPAddress(text)).isPublic) }

    @Test(
        "this machine, its network, and what is set aside",
        arguments: [
            "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "127.0.0.1", "127.255.0.1", "169.254.169.254", "172.16.0.1",
            "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.9",
            "224.0.0.1",
            "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::8.8.8.8", "100::1", "2001::1", "2001:db8::1", "2002:a00:1::1", "3fff::1", "4000::1", "5f00::1", "fc00::1",
            "fd00::1",
            "fe80::1", "fec0::1", "ff02::1",
        ])
    func closed(_ text: String) throws { #expect(try !#require(IPAddress(text)).isPublic) }
}
