import Codec
import HTTP
import Loop
import Testing

@Suite("Behind a proxy") struct ProxyTests {
    private func withProxies(_ networks: [String], _ body: (TestServer) throws -> Void) throws {
        try withServer(
            options: { $0.proxies = TrustedProxies(networks.compactMap { IPNetwork($0) }) },
            routes: { routes in
                routes.raw(.get, "/who", .everyone, "Who asks", gives: .plainText) { request in
                    .text(.ok, "\(request.addressText)\(request.isEncrypted ? " encrypted" : "")\(request.isLocal ? " local" : "")")
                }
            }, body)
    }

    @Test("the client is whom a trusted one names") func trusted() throws {
        try withProxies(["127.0.0.0/8", "10.0.0.0/8"]) { server in
            for (fields, who) in [
                (["X-Forwarded-For: 203.0.113.5"], "203.0.113.5"),
                (["X-Forwarded-For: 203.0.113.5:4711"], "203.0.113.5"),
                (["X-Forwarded-For: ::ffff:203.0.113.5"], "203.0.113.5"),
                (["X-Forwarded-For: [2001:db8::1]:80"], "2001:db8::1"),
                (["X-Forwarded-For: 6.6.6.6, 203.0.113.5, 10.1.2.3"], "203.0.113.5"),
                (["X-Forwarded-For: nonsense, 10.1.2.3"], "10.1.2.3"),
                (["X-Forwarded-For: 203.0.113.5", "X-Forwarded-Proto: https"], "203.0.113.5 encrypted"),
                ([], "127.0.0.1 local"),
            ] {
                let client = try server.connect()
                #expect(try client.ask("GET", "/who", fields).text == who)
            }
        }
    }

    @Test("a client that brings a field of its own does not speak before the proxy, which adds another") func secondField() throws {
        try withProxies(["127.0.0.0/8"]) { server in
            let answer = try server.get("/who", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 203.0.113.5")
            #expect(answer.text == "203.0.113.5")
            let proto = try server.get("/who", "X-Forwarded-For: 203.0.113.5", "X-Forwarded-Proto: https", "X-Forwarded-Proto: http")
            #expect(proto.text == "203.0.113.5")
        }
    }

    @Test("nobody is believed who is not trusted") func untrusted() throws {
        try withProxies(["10.0.0.0/8"]) { server in
            let answer = try server.get("/who", "X-Forwarded-For: 203.0.113.5", "X-Forwarded-Proto: https")
            #expect(answer.text == "127.0.0.1")
        }
    }
}
