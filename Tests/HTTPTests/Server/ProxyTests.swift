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
                ([], "127.0.0.1"),
            ] {
                let client = try server.connect()
                #expect(try client.ask("GET", "/who", fields).text == who)
            }
        }
    }

    @Test("local is who asks this machine by its own name, and through nobody") func local() throws {
        try withProxies(["10.0.0.0/8"]) { server throws in
            for host in ["localhost", "LOCALHOST:1", "127.0.0.1", "127.9.9.9:80", "[::1]", "[::1]:80"] {
                #expect(try Self.ask(server, host) == "127.0.0.1 local", "\(host)")
            }
            for host in ["a", "desk.example", "localhost.desk.example", "127.0.0.1.desk.example", "203.0.113.5", "[::2]", "[::1", ""] {
                #expect(try Self.ask(server, host) == "127.0.0.1", "\(host)")
            }
            for field in [
                "X-Forwarded-For: 127.0.0.1", "X-Forwarded-Host: a", "X-Forwarded-Anything: a", "Forwarded: for=a", "Via: 1.1 a",
                "X-Real-IP: 127.0.0.1", "CF-Connecting-IP: a", "true-client-ip: a",
            ] {
                #expect(try Self.ask(server, "localhost", field) == "127.0.0.1", "\(field)")
            }
            #expect(try Self.ask(server, "localhost", "X-Forwarded: a") == "127.0.0.1 local", "no field that proxies add")
        }
    }

    private static func ask(_ server: TestServer, _ host: String, _ fields: String...) throws -> String {
        let client = try server.connect()
        try client.send("GET /who HTTP/1.1\r\nHost: \(host)\r\n\(fields.map { "\($0)\r\n" }.joined())\r\n")
        return try client.answer().text
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
