import Codec
import HTTP
import Loop
import Testing

@Suite("A refusal") struct RefusalTests {
    @Test("has one shape, with the request's id") func shape() throws {
        try withServer { server in
            let answer = try server.get("/nowhere")
            #expect(answer.status == 404 && answer["content-type"] == "application/json")
            guard case .object(let members) = answer.json else {
                Issue.record("no object: \(answer.text)")
                return
            }
            #expect(members.map(\.name) == ["error", "message", "request_id"])
            #expect(answer.json["request_id"]?.string == answer["x-request-id"])
        }
    }

    @Test("repeats a sane id of the client's", arguments: ["a", "A-Z_0.9", String(repeating: "x", count: 128)]) func saneID(id: String)
        throws
    {
        try withServer { server in
            for path in ["/nowhere", "/at-once/1", "/later/1"] {
                let answer = try server.get(path, "X-Request-Id: \(id)")
                #expect(answer["x-request-id"] == id)
                if answer.status == 404 { #expect(answer.json["request_id"]?.string == id) }
            }
        }
    }

    @Test("makes an id where the client's is none", arguments: ["", "a b", "a\"b", "é", "a;b", "<a>", String(repeating: "x", count: 129)])
    func insaneID(id: String) throws {
        try withServer { server in
            let answer = try server.get("/nowhere", "X-Request-Id: \(id)")
            #expect(answer["x-request-id"]?.utf8.count == 24)
            #expect(answer.json["request_id"]?.string == answer["x-request-id"])
        }
    }

    @Test("gives no two requests the same id") func ids() throws {
        try withServer(loops: 2) { server in
            var ids: Set<String> = []
            for _ in 0..<20 {
                let client = try server.connect()
                for path in ["/at-once/1", "/later/1"] { ids.insert(try client.get(path)["x-request-id"] ?? "") }
                client.close()
            }
            #expect(ids.count == 40)
        }
    }

    @Test("tells all that is wrong with a body at once") func body() throws {
        try withServer { server in
            let answer = try server.post("/notes", "{\"title\":\"much too long a title\",\"count\":101,\"extra\":1}")
            #expect(answer.status == 400 && answer.json["message"]?.string == "Invalid form of body")
            let faults = answer.json["errors"]?.elements ?? []
            #expect(Set(faults.compactMap { $0["location"]?.string }) == ["title", "count", "extra"])
            for fault in faults { #expect(fault["type"]?.string != nil && fault["message"]?.string != nil) }
            #expect(try server.post("/notes", "{\"title\":\"good\"}").status == 201)
        }
    }

    @Test("tells where a body is no JSON", arguments: ["", "{", "[]", "{\"title\":\"a\"}x", "nul", "\u{FEFF}{}"]) func notJSON(body: String)
        throws
    {
        try withServer { server in
            let answer = try server.post("/notes", body)
            #expect(answer.status == 400)
            #expect(answer.json["errors"]?.elements?.first?["location"]?.string == "body")
        }
    }

    @Test("tells of parameters that a route does not know") func query() throws {
        try withServer { server in
            for path in ["/at-once/1?limit=1&x=2", "/later/1?limit=1&x=2"] {
                let answer = try server.get(path)
                #expect(answer.status == 400)
                #expect(answer.json["errors"]?.elements?.compactMap { $0["location"]?.string } == ["limit", "x"])
            }
            #expect(try server.get("/at-once/1?").status == 200)
        }
    }

    @Test("meets a body of another type, or a packed one") func type() throws {
        try withServer { server in
            for field in [
                "Content-Type: text/plain", "Content-Type: application/jsonx", "Content-Type: application/x-www-form-urlencoded",
                "Content-Encoding: gzip",
            ] {
                let answer = try server.post("/notes", "{\"title\":\"a\"}", field)
                #expect(answer.status == 415 && answer.error == "UNSUPPORTED_MEDIA_TYPE", "\(field)")
            }
            for field in [
                "Content-Type: application/json", "Content-Type: Application/JSON; charset=utf-8", "Content-Encoding: identity", "X: none",
            ] {
                #expect(try server.post("/notes", "{\"title\":\"a\"}", field).status == 201, "\(field)")
            }
        }
    }

    @Test("says nothing of an error of ours, which is reported") func internalError() throws {
        struct Secret: Error { let password = "hunter2" }
        let reported = Record<String>()
        try withServer(
            report: { reported.note("\($0)") },
            routes: { routes in
                routes.raw(.get, "/fails", .everyone, "Fails", gives: nil) { _ in throw Secret() }
                routes.on(.get, "/fails-at-once", .everyone, "Fails", gives: .ok(Note.self)) { _ in throw Secret() }
            }
        ) { server in
            for path in ["/fails", "/fails-at-once"] {
                let answer = try server.get(path)
                #expect(answer.status == 500 && answer.error == "INTERNAL_SERVER_ERROR" && !answer.text.contains("hunter2"))
            }
            #expect(reported.events.count == 2 && reported.events.allSatisfy { $0.contains("hunter2") })
        }
    }

    @Test("comes from the guard, for a credential that is bad even where none is needed") func guardRefuses() throws {
        let mayCall: Routes.Guard = { access, request in
            if access.needsCredential || request.has(.authorization), request[.authorization] != "Bearer good" {
                throw Refusal.unauthorized()
            }
        }
        try withServer(
            guard: mayCall,
            routes: { routes in
                declareUsual(&routes)
                let agents = Access("agents", needsCredential: true)
                routes.on(.get, "/secret", agents, "Secret", gives: .ok(Note.self)) { _ in Note(title: "secret") }
                routes.on(.get, "/open", .open, "Open", gives: .ok(Note.self)) { _ in Note(title: "open") }
            },
            { (server: TestServer) throws in
                #expect(try server.get("/secret").status == 401)
                #expect(try server.get("/secret")["www-authenticate"] == "Bearer")
                #expect(try server.get("/secret", "Authorization: Bearer good").json["title"]?.string == "secret")
                #expect(try server.get("/at-once/1").status == 200)
                #expect(try server.get("/at-once/1", "Authorization: Bearer bad").status == 401)
                #expect(try server.get("/open", "Authorization: Bearer bad").status == 200)
            })
    }
}
