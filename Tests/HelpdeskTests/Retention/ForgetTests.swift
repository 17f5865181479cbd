import Codec
import Domain
import Helpdesk
import Storage
import TestEngines
import Testing

@Suite("What is over") struct ForgetTests {
    @Test("answers go two days after they were given, in batches, and others stay", arguments: TestEngine.all)
    func answers(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let now = desk.clock.now.milliseconds
            try await desk.database.write { db in
                for number in 0..<250 {
                    try await db.run(
                        """
                        INSERT INTO answers (person_id, digest, body_digest, standing, status, fields, body, created_at)
                        VALUES (\(desk.customer.id), \(Array("\(number)".utf8)), \([UInt8]()), \(""), \(200), \("[]"), \([UInt8]()), \(now + number / 200))
                        """)
                }
            }
            desk.clock.advance(days: 2, seconds: -1)
            #expect(try await desk.desk.forgetOldAnswers() == 0)
            desk.clock.advance(seconds: 1)
            // Two nodes at once take each its own.
            let other = try desk.anotherNode()
            async let first = desk.desk.forgetOldAnswers()
            async let second = other.forgetOldAnswers()
            #expect(try await first + second + desk.desk.forgetOldAnswers() == 200)
            #expect(try await desk.count("SELECT count(*) FROM answers") == 50)
            desk.clock.advance(seconds: 1)
            #expect(try await desk.desk.forgetOldAnswers() == 50)
        }
    }

    @Test("sign-ins go thirty days after they ended, with however many tokens", arguments: TestEngine.all)
    func sessions(on engine: TestEngine) async throws {
        var rules = Rules()
        rules.refreshDays = 100
        try await withDesk(on: engine, rules) { desk in
            let ended = try await desk.register("eve@example.com")
            var tokens = ended
            for _ in 0..<120 { tokens = try await desk.desk.refresh(tokens.refreshToken) }
            try await desk.desk.signOut(tokens.refreshToken)
            let unused = try await desk.register("abe@example.com")
            #expect(try await desk.count("SELECT count(*) FROM refresh_tokens") == 122)
            desk.clock.advance(days: 30, seconds: -1)
            #expect(try await desk.desk.forgetEndedSessions() == 0)
            desk.clock.advance(seconds: 1)
            #expect(try await desk.desk.forgetEndedSessions() == 1)
            #expect(try await desk.count("SELECT count(*) FROM refresh_tokens") == 1)
            await #expect(throws: DeskError.self) { try await desk.desk.refresh(tokens.refreshToken) }
            #expect(await !desk.isGood(ended))
            // The other one is alive for seventy days more, and then remembered for thirty.
            _ = try await desk.desk.refresh(unused.refreshToken)
            desk.clock.advance(days: 130, seconds: -1)
            #expect(try await desk.desk.forgetEndedSessions() == 0)
            desk.clock.advance(seconds: 1)
            #expect(try await desk.desk.forgetEndedSessions() == 1)
            #expect(try await desk.count("SELECT count(*) FROM refresh_tokens") == 0)
        }
    }

    @Test("links go thirty days after they were over", arguments: TestEngine.all)
    func links(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.register("eve@example.com")
            let links = try await desk.count("SELECT count(*) FROM mailed_links")
            desk.clock.advance(days: 30, seconds: 3599)
            #expect(try await desk.desk.forgetOldLinks() == 0)
            desk.clock.advance(seconds: 1)
            #expect(try await desk.desk.forgetOldLinks() == links)
            #expect(try await desk.count("SELECT count(*) FROM mailed_links") == 0)
        }
    }

    @Test("mail goes thirty days after it was done, and when nobody has sent it for so long", arguments: TestEngine.all)
    func mail(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.register("eve@example.com")
            try await desk.register("abe@example.com")
            desk.clock.advance(days: 10)
            let now = desk.clock.now.milliseconds
            try await desk.database.write { db in
                try await db.run("UPDATE outbox SET done_at = \(now), payload = \([UInt8]()) WHERE address = 'eve@example.com'")
            }
            desk.clock.advance(days: 20, seconds: -1)
            #expect(try await desk.desk.forgetOldMail() == 0)
            desk.clock.advance(seconds: 1)
            #expect(try await desk.desk.forgetOldMail() == 1)
            #expect(try await desk.count("SELECT count(*) FROM outbox WHERE address = 'eve@example.com'") == 1)
            desk.clock.advance(days: 10)
            #expect(try await desk.desk.forgetOldMail() == 1)
            #expect(try await desk.count("SELECT count(*) FROM outbox") == 0)
        }
    }

    @Test("the chores go along indexes", arguments: TestEngine.all.filter { $0.engine == .sqlite })
    func plans(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            for question in [
                "SELECT digest FROM answers WHERE created_at <= 7 ORDER BY created_at LIMIT 100",
                "SELECT id FROM sessions WHERE expires_at <= 7 ORDER BY expires_at LIMIT 100",
                "SELECT id FROM sessions WHERE revoked_at <= 7 ORDER BY revoked_at LIMIT 100",
                "SELECT digest FROM mailed_links WHERE expires_at <= 7 ORDER BY expires_at LIMIT 100",
                "SELECT id FROM outbox WHERE done_at <= 7 ORDER BY done_at LIMIT 100",
                "SELECT id FROM outbox WHERE done_at IS NULL AND created_at <= 7 ORDER BY created_at LIMIT 100",
                "SELECT id FROM notifications WHERE read_at <= 7 ORDER BY read_at LIMIT 100",
            ] as [SQL] {
                let plan = try await desk.database.read { db in try await db.all("EXPLAIN QUERY PLAN \(question)") { $0.text(at: 3) } }
                #expect(plan.count == 1 && plan[0].hasPrefix("SEARCH "), "\(plan)")
            }
        }
    }
}
