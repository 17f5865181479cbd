import Testing

@testable import martlet

@Suite("Addresses, networks and origins") struct AddressTests {
    @Test(
        "an address is read and written as it is usually written",
        arguments: [
            ("127.0.0.1", "127.0.0.1"), ("255.255.255.255", "255.255.255.255"), ("::", "::"), ("::1", "::1"),
            ("2001:DB8:0:0::1", "2001:db8::1"), ("::ffff:10.1.2.3", "10.1.2.3"),
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

    @Test(
        "HOST may be localhost and may have brackets",
        arguments: [
            ("localhost", "127.0.0.1"), ("LOCALHOST", "127.0.0.1"), ("[::1]", "::1"), ("::", "::"),
        ])
    func host(text: String, address: String) throws {
        #expect(try settings(environment: ["HOST": text]).host.description == address)
    }

    @Test(
        "a network holds its addresses and no others",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.0.0.0/8", "::ffff:10.0.0.1", true),
            ("::ffff:10.0.0.0/104", "10.9.9.9", true), ("192.168.1.7", "192.168.1.7", true), ("192.168.1.7", "192.168.1.6", false),
            ("0.0.0.0/0", "9.9.9.9", true), ("0.0.0.0/0", "::1", false), ("::/0", "2001:db8::1", true), ("::/0", "1.2.3.4", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false), ("fe80::/10", "fe9f::1", true),
            ("10.0.0.5/32", "10.0.0.5", true), ("::1/128", "::1", true), ("::1/128", "::2", false),
        ])
    func network(text: String, address: String, isInside: Bool) throws {
        let network = try #require(IPNetwork(text))
        #expect(network.contains(try #require(IPAddress(address))) == isInside)
    }

    @Test(
        "what is no network is refused",
        arguments: [
            "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.1/8", "::/129", "::1/64", "10.0.0.0/ 8",
            "::ffff:10.0.0.0/8",
        ])
    func noNetwork(text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test(
        "an origin is kept as browsers write it",
        arguments: [
            ("https://Help.Example.com", "https://help.example.com"), ("http://127.0.0.1:5501", "http://127.0.0.1:5501"),
            ("https://a.b:443", "https://a.b"), ("http://a.b:80", "http://a.b"), ("http://a.b:443", "http://a.b:443"),
            ("http://[::1]:8080", "http://[::1]:8080"), ("http://localhost", "http://localhost"),
            ("https://xn--w-uga.pl", "https://xn--w-uga.pl"),
        ])
    func origin(text: String, written: String) {
        #expect(Origin(text)?.description == written)
    }

    @Test(
        "what is no origin is refused",
        arguments: [
            "", "null", "*", "example.com", "ftp://a.b", "https://", "https://a.b/", "https://a.b/x", "https://a.b?x", "https://u:p@a.b",
            "https://a.b:",
            "https://a.b:0", "https://a.b:65536", "https://a.b:x", "https://a..b", "https://-a.b", "https://a b", "https://[::1",
            "https://[a]", "https://żółw.pl",
            "https://a.b\r\nX: y",
        ])
    func noOrigin(text: String) {
        #expect(Origin(text) == nil)
    }

    @Test("CORS_ORIGIN is a star or a list")
    func origins() throws {
        #expect(try settings(environment: ["CORS_ORIGIN": "*"]).origins == .any)
        let list = try settings(environment: ["CORS_ORIGIN": "https://a.b, http://127.0.0.1:5501"]).origins
        #expect(list.description == "https://a.b,http://127.0.0.1:5501")
    }

    @Test(
        "a public address keeps its path and loses its last slash",
        arguments: [
            ("https://a.b", "https://a.b"), ("https://a.b/", "https://a.b"), ("https://A.b/desk//", "https://a.b/desk"),
            ("http://[::1]:3000/Desk", "http://[::1]:3000/Desk"),
        ])
    func publicURL(text: String, written: String) {
        #expect(PublicURL(text)?.description == written)
    }

    @Test(
        "what is no public address is refused",
        arguments: [
            "", "a", "a:", "a.b", "//a.b", "ftp://a.b", "https:a.b", "https://a.b?x=1", "https://a.b/#x", "https://u@a.b", "https://a.b/ x",
            "https://a.b/ż",
        ])
    func noPublicURL(text: String) {
        #expect(PublicURL(text) == nil)
    }
}
