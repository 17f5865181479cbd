import CCrypto
import Codec
import Glibc
import HTTP
import Loop
import Testing

@Suite("TLS") struct TLSTests {
    private func withTLS(
        _ setUp: @escaping (inout ServerOptions) -> Void = { _ in },
        _ body: (TestServer, UInt16, Certificates, TLSIdentity) throws -> Void
    ) throws {
        let files = try Certificates()
        let identity = try TLSIdentity(certificate: files.certificate, key: files.key)
        try withServer(
            options: {
                $0.tls = identity
                setUp(&$0)
            },
            routes: { routes in
                declareUsual(&routes)
                routes.raw(.get, "/large", .everyone, "Large", gives: .bytes) { _ in
                    Response(.ok, type: .bytes, body: .bytes(noise(3_000_000)))
                }
                routes.raw(.get, "/secure", .everyone, "Whether it is", gives: .plainText) { .text(.ok, "\($0.isEncrypted)") }
                routes.webSocket("/echo", .everyone, "Echoes") { _ in echo }
            }
        ) { server in try body(server, server.server.address.port, files, identity) }
    }

    @Test("carries requests and answers, small and large, in both versions", arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func requests(version: Int32) throws {
        try withTLS { server, port, _, _ in
            let client = try TLSClient(port: port, most: version)
            server.keep(client)
            #expect(client.version == (version == TLS1_3_VERSION ? "TLSv1.3" : "TLSv1.2"))
            #expect(try client.get("/later/1").json["count"]?.int == 1)
            #expect(try client.get("/secure").text == "true")
            #expect(try client.get("/large").body == noise(3_000_000))
            try client.send("POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
            try client.send(noise(1_000_000))
            #expect(try client.answer().text == describe(noise(1_000_000)))
            let last = try client.get("/at-once/2", "Connection: close")
            #expect(last.json["count"]?.int == 2)
            // An end that the server has announced, and no cut.
            #expect(try client.rest() == "")
        }
    }

    @Test("carries a WebSocket") func webSocket() throws {
        try withTLS { server, port, _, _ in
            let client = try TLSClient(port: port)
            server.keep(client)
            let socket = try WebSocketClient(client, "/echo")
            try socket.send(.text, Array("hello".utf8))
            #expect(try socket.next() == .text("hello"))
            try socket.send(.binary, noise(200_000))
            #expect(try socket.next() == .binary(noise(200_000)))
        }
    }

    @Test("agrees on HTTP/1.1, and on nothing else") func alpn() throws {
        try withTLS { server, port, _, _ in
            let both = try TLSClient(port: port, protocols: ["h2", "http/1.1"])
            #expect(both.agreed == "http/1.1")
            #expect(try both.get("/at-once/1").status == 200)
            both.close()
            let none = try TLSClient(port: port)
            #expect(none.agreed == nil)
            none.close()
            #expect(throws: Trouble.malformed("handshake")) { try TLSClient(port: port, protocols: ["h2"]) }
            #expect(eventually { server.server.meters.connections == 0 })
        }
    }

    @Test("refuses versions before 1.2") func oldVersion() throws {
        try withTLS { server, port, _, _ in
            #expect(throws: Trouble.malformed("handshake")) { try TLSClient(port: port, most: TLS1_1_VERSION) }
            #expect(eventually { server.server.meters.connections == 0 })
        }
    }

    @Test("shows a new certificate once it was read again, and keeps the old one when the new is no good") func reload() throws {
        try withTLS { server, port, files, identity in
            let before = try TLSClient(port: port)
            server.keep(before)
            #expect(before.serverName == "/CN=first")
            try files.make("second")
            try identity.reload()
            let after = try TLSClient(port: port)
            server.keep(after)
            #expect(after.serverName == "/CN=second")
            #expect(try before.get("/at-once/1").status == 200)
            truncate(files.key, 0)
            #expect(throws: TLSIdentity.Fault.self) { try identity.reload() }
            let still = try TLSClient(port: port)
            server.keep(still)
            #expect(still.serverName == "/CN=second")
        }
    }

    @Test("says what is wrong with the files") func badFiles() throws {
        let first = try Certificates()
        let second = try Certificates()
        for (certificate, key) in [("/nowhere", first.key), (first.certificate, "/nowhere"), (first.certificate, second.key)] {
            #expect(throws: TLSIdentity.Fault.self) { try TLSIdentity(certificate: certificate, key: key) }
        }
    }

    @Test("closes a connection that speaks plain HTTP") func plain() throws {
        try withTLS { server, _, _, _ in
            let client = try server.connect()
            try client.send("GET /at-once/1 HTTP/1.1\r\nHost: a\r\n\r\n")
            let heard = (try? client.rest()) ?? ""
            #expect(!heard.contains("HTTP/1.1"))
            #expect(eventually { server.server.meters.connections == 0 })
        }
    }

    @Test("closes a connection that does not shake hands, in time or when the server stops") func silent() throws {
        try withTLS({ $0.limits.headerTimeout = .milliseconds(300) }) { server, _, _, _ in
            let client = try server.connect()
            #expect(try client.rest() == "")
        }
        try withTLS { server, _, _, _ in
            let client = try server.connect()
            #expect(eventually { server.server.meters.connections == 1 })
            server.beginStop()
            #expect(try client.rest() == "")
        }
    }
}
