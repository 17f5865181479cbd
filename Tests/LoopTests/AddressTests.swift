import Testing

@testable import Loop

@Suite("IP addresses") struct IPAddressTests {
    @Test(
        "an address is read and written as it is usually written",
        arguments: [
            ("127.0.0.1", "127.0.0.1"), ("255.255.255.255", "255.255.255.255"), ("::", "::"), ("::1", "::1"),
            ("2001:DB8:0:0::1", "2001:db8::1"), ("::ffff:10.1.2.3", "10.1.2.3"),
            ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("0.0.0.0", "0.0.0.0"),
        ])
    func address(text: String, written: String) {
        #expect(IPAddress(text)?.description == written)
    }

    @Test(
        "what is no address is refused",
        arguments: [
            "", "localhost", "127.1", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", " 1.2.3.4", "1.2.3.4\0", "::1%eth0", "[::1]", ":::",
            "1.2.3.4/8",
        ])
    func noAddress(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test("IPv4 inside IPv6 is the IPv4 address, and what only looks like it is not")
    func mapped() {
        #expect(IPAddress("::ffff:10.1.2.3") == IPAddress("10.1.2.3"))
        #expect(IPAddress(v6: 0xFFFF_0A01_0203) == IPAddress(v4: 0x0A01_0203))
        #expect(IPAddress("::ffff:10.1.2.3")?.isIPv4 == true)
        #expect(IPAddress("::10.1.2.3")?.isIPv4 == false)
        #expect(IPAddress("::fffe:10.1.2.3")?.isIPv4 == false)
        #expect(IPAddress("1::ffff:10.1.2.3")?.isIPv4 == false)
    }

    @Test(
        "this machine itself is told from others",
        arguments: [
            ("127.0.0.1", true), ("127.255.0.9", true), ("::1", true), ("::ffff:127.0.0.1", true), ("128.0.0.1", false), ("::2", false),
            ("::", false), ("0.0.0.0", false), ("::127.0.0.1", false),
        ])
    func loopback(text: String, isLoopback: Bool) throws {
        #expect(try #require(IPAddress(text)).isLoopback == isLoopback)
    }
}

@Suite("IP networks") struct IPNetworkTests {
    @Test(
        "a network holds its addresses and no others",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.0.0.0/8", "::ffff:10.0.0.1", true),
            ("::ffff:10.0.0.0/104", "10.9.9.9", true), ("192.168.1.7", "192.168.1.7", true), ("192.168.1.7", "192.168.1.6", false),
            ("0.0.0.0/0", "9.9.9.9", true), ("0.0.0.0/0", "::1", false), ("::/0", "2001:db8::1", true), ("::/0", "1.2.3.4", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false), ("fe80::/10", "fe9f::1", true),
            ("10.0.0.5/32", "10.0.0.5", true), ("::1/128", "::1", true), ("::1/128", "::2", false), ("10.0.0.0/31", "10.0.0.1", true),
            ("10.0.0.0/31", "10.0.0.2", false),
            ("::8000:0:0:0/65", "::ffff:0:0:0", true), ("::8000:0:0:0/65", "::7fff:0:0:0", false), ("::/64", "::ffff:1.2.3.4", false),
        ])
    func network(text: String, address: String, isInside: Bool) throws {
        let network = try #require(IPNetwork(text))
        #expect(network.contains(try #require(IPAddress(address))) == isInside)
    }

    @Test(
        "what is no network is refused",
        arguments: [
            "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.1/8", "::/129", "::1/64", "10.0.0.0/ 8",
            "::ffff:10.0.0.0/8", "::/+8", "::/-0", "::/", "10.0.0.0/٨", "10.0.0.0/99999999999999999999", "::ffff:0.0.0.0/95",
        ])
    func noNetwork(text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test(
        "a network is written as it was read, and one address without its length",
        arguments: [
            ("10.0.0.0/8", "10.0.0.0/8"), ("10.1.2.3/32", "10.1.2.3"), ("::/0", "::/0"), ("0.0.0.0/0", "0.0.0.0/0"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"), ("2001:DB8::/32", "2001:db8::/32"), ("::1/128", "::1"),
        ])
    func written(text: String, written: String) {
        #expect(IPNetwork(text)?.description == written)
    }

    @Test(
        "the network of an address drops the bits beyond the prefix",
        arguments: [
            ("2001:db8:1:2:3:4:5:6", 64, "2001:db8:1:2::/64"), ("10.1.2.3", 8, "10.0.0.0/8"), ("10.1.2.3", 64, "10.1.2.3"),
            ("10.1.2.3", 0, "0.0.0.0/0"), ("::1", 0, "::/0"), ("::1", 500, "::1"),
        ])
    func holding(text: String, prefix: Int, written: String) throws {
        let address = try #require(IPAddress(text))
        let network = IPNetwork(of: address, prefix: prefix)
        #expect(network.description == written)
        #expect(network == IPNetwork(written))
        #expect(network.contains(address))
    }
}

@Suite("Socket addresses") struct SocketAddressTests {
    @Test(
        "an address with or without a port is read, and written with it",
        arguments: [
            ("1.2.3.4:80", "1.2.3.4:80"), ("[::1]:65535", "[::1]:65535"), ("1.2.3.4", "1.2.3.4:0"), ("::1", "[::1]:0"),
            ("[::1]", "[::1]:0"),
            ("[::ffff:1.2.3.4]:80", "1.2.3.4:80"), ("0.0.0.0:0", "0.0.0.0:0"),
        ])
    func readAndWritten(text: String, written: String) throws {
        let address = try #require(SocketAddress(text))
        #expect(address.description == written)
        #expect(SocketAddress(written) == address)
    }

    @Test(
        "what is no address of a socket is refused",
        arguments: [
            "", ":80", "localhost:80", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:+80", "1.2.3.4:80:80", "1.2.3.4 :80", "[1.2.3.4]:80", "[::1",
            "[::1]80", "[::1]:", "[]:80", "[::1]]:80", "1.2.3.4:8 0", "[::1%lo]:80",
        ])
    func refused(text: String) {
        #expect(SocketAddress(text) == nil)
    }

    @Test("the system's form goes both ways", arguments: ["1.2.3.4:80", "255.0.255.1:65535", "[::1]:1", "[2001:db8::ff00:42:8329]:443"])
    func systemForm(text: String) throws {
        let address = try #require(SocketAddress(text))
        #expect(copy(address) == address)
    }
}
