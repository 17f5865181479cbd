import Loop
import Testing

@testable import martlet

@Suite("Addresses and origins") struct AddressTests {
    @Test(
        "HOST may be localhost and may have brackets",
        arguments: [
            ("localhost", "127.0.0.1"), ("LOCALHOST", "127.0.0.1"), ("[::1]", "::1"), ("::", "::"),
        ])
    func host(text: String, address: String) throws {
        #expect(try settings(environment: ["HOST": text]).host.description == address)
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
