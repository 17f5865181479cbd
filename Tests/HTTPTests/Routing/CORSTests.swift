import HTTP
import Testing

@Suite("Pages of other origins") struct CORSTests {
    private static let preflight = [
        "Origin: https://a.example", "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: x-own",
    ]

    @Test("may read nothing by default") func none() throws {
        try withServer { server in
            let answer = try server.get("/at-once/1", "Origin: https://a.example")
            #expect(answer.status == 200 && answer["access-control-allow-origin"] == nil)
            #expect(answer["vary"] == "authorization")
            let preflight = try server.connect().ask("OPTIONS", "/notes", Self.preflight)
            #expect(preflight.status == 204 && preflight["access-control-allow-methods"] == nil)
        }
    }

    @Test("may all read when any may") func any() throws {
        try withServer(cors: CORS(.any)) { server in
            for path in ["/at-once/1", "/later/1", "/nowhere"] {
                let answer = try server.get(path, "Origin: https://a.example")
                #expect(answer["access-control-allow-origin"] == "*" && answer["access-control-allow-credentials"] == nil)
                #expect(answer["access-control-expose-headers"]?.contains("X-Request-Id") == true)
            }
            #expect(try server.get("/at-once/1")["access-control-allow-origin"] == nil)
        }
    }

    @Test("may read when they are listed, and caches are told that answers differ") func listed() throws {
        try withServer(cors: CORS(.listed(["https://a.example", "http://127.0.0.1:5501"]))) { server in
            for (origin, allowed) in [
                ("https://a.example", true), ("HTTPS://A.example", true), ("http://127.0.0.1:5501", true), ("http://a.example", false),
                ("https://a.example.evil", false), ("https://evil", false), ("null", false),
            ] {
                let answer = try server.get("/at-once/1", "Origin: \(origin)")
                #expect(answer.status == 200)
                #expect(answer["access-control-allow-origin"] == (allowed ? origin : nil), "\(origin)")
                #expect(answer["vary"] == "authorization, origin")
            }
        }
    }

    @Test("learn beforehand what they may send", arguments: [CORS.Origins.any, .listed(["https://a.example"])]) func preflight(
        origins: CORS.Origins
    ) throws {
        try withServer(cors: CORS(origins)) { server in
            let answer = try server.connect().ask("OPTIONS", "/notes", Self.preflight)
            #expect(answer.status == 204 && answer["access-control-allow-origin"] != nil)
            #expect(answer["access-control-allow-methods"] == "POST, OPTIONS" && answer["access-control-allow-headers"] == "x-own")
            #expect(answer["access-control-max-age"] != nil)
            #expect(try server.connect().ask("OPTIONS", "/nowhere", Self.preflight).status == 404)
        }
    }
}
