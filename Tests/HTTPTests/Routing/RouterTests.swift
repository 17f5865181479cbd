import Codec
import HTTP
import Loop
import Testing

@Suite("Routes") struct RouterTests {
    private static func declare(_ routes: inout Routes) {
        declareUsual(&routes)
        routes.parameter("name", .text(0...100), "A name")
        routes.parameter("other", .text(0...100), "Another")
        func tell(_ path: String, _ what: @escaping @Sendable (Request) throws -> String) {
            routes.raw(.get, path, .everyone, "Tells what it was asked", gives: .plainText) { .text(.ok, try what($0)) }
        }
        tell("/") { _ in "root" }
        tell("/people/me") { _ in "me" }
        tell("/people/{name}") { "one:\(try $0.pathValues.name as String)" }
        tell("/people/{name}/notes/{other}") { "two:\(try $0.pathValues.name as String):\(try $0.pathValues.other as String)" }
        tell("/people/me/notes") { _ in "my notes" }
        tell("/numbers/{n}") { "number:\(try $0.pathValues.n as Int)" }
        tell("/query") { "\($0.query)" }
        routes.raw(.delete, "/people/{name}", .everyone, "Removes", gives: nil) { _ in Response(.noContent) }
    }

    private func text(_ path: String) throws -> String {
        var text = ""
        try withServer(routes: Self.declare) { text = try $0.get(path).text }
        return text
    }

    @Test(
        "are found by their paths: literals before parameters, values decoded once",
        arguments: [
            ("/", "root"), ("/people/me", "me"), ("/people/you", "one:you"), ("/people/me/notes", "my notes"),
            ("/people/me/notes/x", "two:me:x"),
            ("/people/meme/notes/me", "two:meme:me"), ("/people/a%20b", "one:a b"), ("/people/a%2Fb", "one:a/b"),
            ("/people/a%252Fb", "one:a%2Fb"),
            ("/people/%6De", "me"), ("/%70eople/you", "one:you"), ("/people/%C3%A9/notes/%E2%82%AC", "two:é:€"), ("/people/a+b", "one:a+b"),
            ("/people/a%3Fb", "one:a?b"), ("/people/...", "one:..."), ("/people/.a", "one:.a"), ("/numbers/0", "number:0"),
            ("/numbers/9007199254740991", "number:9007199254740991"), ("/query?a=b%20c", "a=b%20c"), ("/query?", ""),
        ])
    func found(path: String, text: String) throws {
        #expect(try self.text(path) == text)
    }

    @Test("are the same with a slash at the end") func trailingSlash() throws {
        try withServer(routes: Self.declare) { server throws in
            for (path, text) in [("/people/me/", "me"), ("/people/you/", "one:you"), ("/people/a%20b/", "one:a b"), ("/query/?a", "a")] {
                #expect(try server.get(path).text == text)
            }
        }
    }

    @Test(
        "are not found: no such path, an empty segment, what is no number",
        arguments: [
            "/nowhere", "/people", "/people//", "//people/me", "/people//notes/x", "/people/me/notes/x/y", "/peopl", "/peoples",
            "/PEOPLE/me",
            "/numbers/01", "/numbers/-1", "/numbers/+1", "/numbers/x", "/numbers/9223372036854775808", "/numbers/1%2F",
            "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r",
        ])
    func notFound(path: String) throws {
        try withServer(routes: Self.declare) { server in
            let answer = try server.get(path)
            #expect(answer.status == 404 && answer.error == "NOT_FOUND" && !answer.isLast)
        }
    }

    @Test(
        "refuse a path that no client means",
        arguments: [
            "/people/..", "/people/../query", "/people/.", "/./query", "/people/%2e%2e", "/people/%2E%2E/query", "/people/.%2e",
            "/people/%2e",
            "/people/a%00b", "/people/%zz", "/people/%", "/people/a%2", "/..",
        ])
    func badPath(path: String) throws {
        try withServer(routes: Self.declare) { server in
            let answer = try server.get(path)
            #expect(answer.status == 400 && answer.error == "BAD_REQUEST")
        }
    }

    @Test("say which methods a path knows when it does not know this one") func methods() throws {
        try withServer(routes: Self.declare) { server in
            let client = try server.connect()
            for (method, path, allow) in [
                ("POST", "/people/you", "GET, HEAD, DELETE, OPTIONS"), ("PATCH", "/people/me", "GET, HEAD, OPTIONS"),
                ("GET", "/notes", "POST, OPTIONS"), ("PROPFIND", "/people/me", "GET, HEAD, OPTIONS"),
                ("get", "/people/me", "GET, HEAD, OPTIONS"),
                ("HEAD", "/notes", "POST, OPTIONS"),
            ] {
                let answer = try client.ask(method, path)
                #expect(answer.status == 405 && answer["allow"] == allow, "\(method) \(path)")
                if method != "HEAD" { #expect(answer.error == "METHOD_NOT_ALLOWED") }
            }
        }
    }

    @Test("answer OPTIONS with the methods they know") func options() throws {
        try withServer(routes: Self.declare) { server in
            let client = try server.connect()
            let one = try client.ask("OPTIONS", "/people/you")
            #expect(one.status == 204 && one["allow"] == "GET, HEAD, DELETE, OPTIONS" && one["content-length"] == nil)
            let all = try client.ask("OPTIONS", "*")
            #expect(all.status == 204 && all["allow"]?.contains("PATCH") == true)
            #expect(try client.ask("OPTIONS", "/nowhere").status == 404)
        }
    }

    @Test("answer a target with a host as one without") func absoluteForm() throws {
        try withServer(routes: Self.declare) { server in
            let client = try server.connect()
            #expect(try client.get("http://a/people/you").text == "one:you")
            #expect(try client.get("http://a").text == "root")
            #expect(try client.get("http://a?b=c").status == 200)
            #expect(try client.get("http://b/people/you").status == 400)
        }
    }

    @Test("answer HEAD where they answer GET, and remove where they remove") func headAndDelete() throws {
        try withServer(routes: Self.declare) { server in
            let client = try server.connect()
            #expect(try client.ask("HEAD", "/people/you").status == 200)
            #expect(try client.ask("DELETE", "/people/you").status == 204)
        }
    }

    @Test("in a group have its prefix, and its middleware around them, the first outermost") func groups() throws {
        func around(_ name: String) -> Middleware {
            { next in { request in try await next(request).adding("x-passed", name) } }
        }
        try withServer(routes: { routes in
            routes.group("/outer", around: [around("1"), around("2")]) { routes in
                routes.on(.get, "/a", .everyone, "At once", gives: .ok(Note.self)) { _ in Note(title: "a") }
                routes.group("/inner", around: [around("3")]) { routes in
                    routes.raw(.get, "/b", .everyone, "Later", gives: .plainText) { _ in .text(.ok, "b") }
                }
            }
            routes.raw(.get, "/c", .everyone, "Outside", gives: .plainText) { _ in .text(.ok, "c") }
        }) { server throws in
            #expect(try server.get("/outer/a")["x-passed"] == "2, 1")
            #expect(try server.get("/outer/inner/b")["x-passed"] == "3, 2, 1")
            #expect(try server.get("/c")["x-passed"] == nil)
            #expect(try server.get("/a").status == 404)
        }
    }

    @Test("answer the same at once and after waiting") func bothWays() throws {
        struct Wish: Shaped {
            var count = 0
            static let shape = Shape("Wish", "A wish", Wish()) { Field("count", \.count, .integer(0...9), "How many", required: false) }
        }
        try withServer(routes: { routes in
            routes.parameter("n", .integer(0...9), "A number")
            @Sendable func answer(_ call: Call<Wish, Nothing>) throws -> Note {
                if call.query.count == 9 { throw Refusal(.conflict, "Nine") }
                return Note(title: "same", count: call.query.count + (try call.path.n))
            }
            routes.on(.get, "/at-once/{n}", .everyone, "At once", query: Wish.self, gives: .ok(Note.self)) { try answer($0) }
            routes.on(.get, "/waiting/{n}", .everyone, "Waiting", query: Wish.self, gives: .ok(Note.self)) { call in
                await Task.yield()
                return try answer(call)
            }
        }) { server in
            for rest in ["1", "1?count=2", "1?count=9", "1?count=x", "1?cuont=1", "1?count=1&count=2", "x", "1?%zz", "1/"] {
                let atOnce = try server.get("/at-once/\(rest)", "X-Request-Id: same")
                let waiting = try server.get("/waiting/\(rest)", "X-Request-Id: same")
                #expect(atOnce.status == waiting.status && atOnce.text == waiting.text, "\(rest)")
                #expect(atOnce.fields.filter { $0.key != "date" } == waiting.fields.filter { $0.key != "date" })
            }
        }
    }
}
