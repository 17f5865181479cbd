import Codec
import HTTP
import Testing

@Suite("A dialect's route behind one of ours") struct DialectTests {
    private static let signedIn = Access("signed in", needsCredential: true)
    private static let staff = Access("staff", needsCredential: true)

    /// `Authorization` names the caller: `me` or `staff`.
    private static let mayCall: Routes.Guard = { access, request in
        let caller = request[.authorization]
        if let caller, caller != "me", caller != "staff" { throw Refusal.unauthorized("bad") }
        if access.needsCredential, caller == nil { throw Refusal.unauthorized("ours") }
        if access == staff, caller != "staff" { throw Refusal.forbidden() }
        if !request.isAskedAgain { request.answerFields.append(.init("x-counted", "1")) }
    }

    private static func declare(_ routes: inout Routes) {
        routes.parameter("n", .integer(0...9), "A number")
        routes.areDialect = true
        routes.on(.get, "/things", .everyone, "All", query: Note.self, gives: .ok(Note.self)) { call in
            switch call.query.title {
            case "no": throw Refusal.notFound("theirs")
            case "bad": throw Refusal.badRequest("theirs")
            default: Note(title: "theirs")
            }
        }
        routes.raw(.get, "/things/{n}", staff, "One of theirs", gives: .plainText) { request in
            guard try request.pathValues.n > 5 as Int else { throw Refusal.notFound("theirs") }
            return .text(.ok, "theirs")
        }
        routes.on(.post, "/alone", .everyone, "Has its path for itself", takes: Note.self, gives: .created(Note.self)) { $0.body }
        routes.areDialect = false
        routes.on(.get, "/things", signedIn, "All", gives: .ok(Note.self)) { _ in Note(title: "ours") }
        routes.on(.get, "/things/{n}", signedIn, "One", gives: .ok(Note.self)) { call async throws in
            guard try call.path.n < 5 else { throw Refusal.notFound("ours") }
            return Note(title: "ours")
        }
        routes.on(.post, "/things", signedIn, "Makes one", takes: Note.self, gives: .created(Note.self)) { $0.body }
    }

    private func ask(_ path: String, as caller: String? = nil, method: String = "GET") throws -> Answer {
        var answer: Answer?
        try withServer(guard: Self.mayCall, routes: Self.declare) { server throws in
            answer = try server.connect().ask(method, path, caller.map { ["Authorization: \($0)"] } ?? [])
        }
        return try #require(answer)
    }

    @Test("is not asked where ours answers") func ours() throws {
        #expect(try ask("/things", as: "me").text.contains("ours"))
        #expect(try ask("/things/1", as: "staff").text.contains("ours"))
        #expect(try ask("/things?title=no", as: "me").status == 400, "ours knows no such parameter")
    }

    @Test("answers somebody without a credential, at HEAD too, and ignores what it does not know") func withoutCredential() throws {
        #expect(try ask("/things?title=x&colour=red").text.contains("theirs"))
        #expect(try ask("/things?title=x", method: "HEAD").status == 200)
    }

    @Test("does not make good a bad credential") func badCredential() throws {
        let answer = try ask("/things?title=x", as: "nobody")
        #expect(answer.status == 401 && answer.text.contains("bad"))
    }

    @Test("answers what ours knows nothing of, and the request is counted once") func notFound() throws {
        let answer = try ask("/things/9", as: "staff")
        #expect(answer.text == "theirs" && answer["x-counted"] == "1")
    }

    @Test("leaves ours the last word where it refuses too: 401, 403 and 404") func firstAnswer() throws {
        #expect(try ask("/things/9").text.contains("ours"), "no credential for either")
        #expect(try ask("/things/9", as: "me").text.contains("ours"), "not for this caller, who learns nothing of it")
        #expect(try ask("/things/5", as: "staff").text.contains("ours"), "neither knows it")
        #expect(try ask("/things?title=no").text.contains("ours"))
    }

    @Test("says itself what was wrong with a request that was for it") func wrong() throws {
        let answer = try ask("/things?title=bad")
        #expect(answer.status == 400 && answer.text.contains("theirs"))
    }

    @Test("is a route like any other where the path is its own") func alone() throws {
        try withServer(guard: Self.mayCall, routes: Self.declare) { server throws in
            #expect(try server.post("/alone", #"{"title":"x","colour":"red"}"#).status == 201)
            #expect(try server.get("/alone").status == 405)
        }
    }

    @Test("may not share a path with a route that takes a body") func bodies() async {
        await #expect(processExitsWith: .failure) {
            var routes = Routes { _, _ in }
            routes.on(.post, "/a", .everyone, "Ours", takes: Note.self, gives: .created(Note.self)) { $0.body }
            routes.areDialect = true
            routes.on(.post, "/a", .everyone, "Theirs", takes: Note.self, gives: .created(Note.self)) { $0.body }
            _ = Router(routes) { _, _ in }
        }
    }
}
