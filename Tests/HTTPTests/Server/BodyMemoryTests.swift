import Codec
import Loop
import Testing

@testable import HTTP

@Suite("The memory of bodies") struct BodyMemoryTests {
    /// Knows a caller by a field, as an access check does by a credential.
    private func withNotes(
        _ options: (inout ServerOptions) -> Void = { _ in }, _ servings: Record<BodyBudget> = Record(), _ body: (TestServer) throws -> Void
    ) throws {
        try withServer(
            options: options, guard: { _, request in if request.has(.authorization) { request.identity = "somebody" } },
            routes: { routes in
                declareUsual(&routes)
                routes.raw(.post, "/words", .everyone, "Takes words", gives: .plainText) { request in
                    servings.note(request.connection.serving.bodies)
                    return .text(.ok, "\(try await request.wholeJSON().count)")
                }
            }, body)
    }

    private func head(_ length: Int, _ fields: String = "") -> String {
        "POST /words HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\(fields)\r\n"
    }

    @Test("is little for a caller whom nobody knows") func strangers() throws {
        try withNotes { server in
            let most = String(repeating: " ", count: 16 * 1024)
            #expect(try server.post("/words", most).text == "\(16 * 1024)")
            let answer = try server.post("/words", most + " ")
            #expect(answer.status == 413)
            #expect(try server.post("/words", most + " ", "Authorization: x").text == "\(16 * 1024 + 1)")
            // Refused before the first byte of it.
            let client = try server.connect()
            try client.send(head(1 << 20))
            #expect(try client.answer().status == 413)
        }
    }

    @Test("has a bound for each loop, beyond which bodies are refused until others are done") func budget() throws {
        let servings = Record<BodyBudget>()
        try withNotes({ $0.limits.bodiesOfLoop = 200_000 }, servings) { server in
            let known = "Authorization: x\r\n"
            let half = String(repeating: " ", count: 70_000)
            let first = try server.connect()
            try first.send(head(140_000, known) + half)
            #expect(eventually { (servings.events.first?.usedBytes ?? 0) >= 70_000 })
            let second = try server.connect()
            try second.send(head(140_000, known) + half)
            let answer = try second.answer()
            #expect(answer.status == 503 && answer["retry-after"] == "5" && answer.error == "UNAVAILABLE")
            // Small ones that came with their head take nothing.
            #expect(try server.post("/words", "12", "Authorization: x").text == "2")
            first.close()
            #expect(eventually { servings.events[0].usedBytes == 0 })
            #expect(try server.post("/words", half, "Authorization: x").text == "70000")
            #expect(eventually { servings.events[0].usedBytes == 0 })
        }
    }

    @Test("is refused while the process is short of it, and so are new connections; those that are open go on") func short() throws {
        let resident = Locked(10)
        let memory = MemoryGuard(limit: 100) { resident.withLock { $0 } }
        try withNotes({ $0.memory = memory }) { server in
            let known = try server.connect()
            #expect(try known.get("/at-once/1").status == 200)
            resident.withLock { $0 = 101 }
            #expect(memory.look() == .becameShort && memory.look() == .none)
            #expect(try server.get("/at-once/1").status == 503)
            #expect(try known.get("/at-once/1").status == 200)
            #expect(try known.post("/words", String(repeating: " ", count: 12_000), "Authorization: x").status == 503)
            // Not at once, so that it does not come and go.
            resident.withLock { $0 = 97 }
            #expect(memory.look() == .none && memory.isShort)
            resident.withLock { $0 = 94 }
            #expect(memory.look() == .recovered && memory.timesShort == 1)
            #expect(try server.get("/at-once/1").status == 200)
            #expect(try server.post("/words", String(repeating: " ", count: 12_000), "Authorization: x").status == 200)
        }
    }

    @Test("is not held for a client that sent nearly all at once and then nothing") func credit() throws {
        try withNotes({ $0.limits.rateGrace = .milliseconds(500) }) { server in
            let client = try server.connect()
            try client.send(head(1 << 20, "Authorization: x\r\n") + String(repeating: " ", count: (1 << 20) - 2))
            #expect(try client.answer().status == 408)
        }
    }
}
