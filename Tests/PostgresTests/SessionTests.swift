import Loop
import Storage
import Testing

@testable import Postgres

@Suite("Sessions on PostgreSQL", .enabled(if: TestServer.isThere, TestServer.absence), .timeLimit(.minutes(2)))
struct SessionTests {
    @Test("each kind of session is set up for what it is for")
    func settings() async throws {
        try await withDatabase("session-settings", .with { $0.readTime = 500 }) { bench in
            let ask: @Sendable (Connection) async throws -> [String] = { db in
                try await db.all(
                    """
                    SELECT setting FROM pg_settings WHERE name IN ('TimeZone', 'application_name', 'client_encoding', 'client_min_messages',
                    'default_transaction_read_only', 'idle_in_transaction_session_timeout', 'lock_timeout', 'statement_timeout') ORDER BY lower(name)
                    """
                ) { $0.text() }
            }
            let (read, write, scan) = try await (bench.database.read(ask), bench.database.write(ask), bench.database.scan(ask))
            #expect(read == ["session-settings", "UTF8", "warning", "on", "10000", "3000", "500", "UTC"])
            #expect(write == ["session-settings", "UTF8", "warning", "off", "10000", "3000", "5000", "UTC"])
            #expect(scan == ["session-settings", "UTF8", "warning", "on", "10000", "3000", "60000", "UTC"])
        }
    }

    @Test("TLS is used when the URL wants it, also for answers of many records")
    func tls() async throws {
        try await withDatabase("session-tls", .oneReadLink, settings: "&sslmode=require") { bench in
            #expect(try await bench.number("SELECT CAST(ssl AS int) FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == 1)
            let text = String(repeating: "martlet ", count: 100_000)
            for _ in 0..<5 {
                let echo = try await bench.database.read { db in try await db.first("SELECT \(text) || \(text)") { $0.text() } }
                #expect(echo == text + text)
            }
        }
    }

    @Test("a certificate that cannot be checked is refused when the URL wants it checked")
    func unchecked() async throws {
        try await withDatabase("session-unchecked", settings: "&sslmode=verify-full&sslrootcert=/nonexistent") { bench in
            guard case .unavailable = await fault({ _ = try await bench.number("SELECT 1") }) else {
                Issue.record("the server was believed")
                return
            }
        }
    }

    @Test("a host's name is looked up")
    func named() async throws {
        let url = try #require(TestServer.url)
        let named = url.split(separator: "127.0.0.1", maxSplits: 1).joined(separator: "localhost")
        try await withDatabase("session-named", url: named) { bench in
            let three = try await bench.number("SELECT 3")
            #expect(three == 3)
        }
    }

    @Test("a scan whose caller has gone is stopped in the server too, and the next scan works")
    func cancelled() async throws {
        try await withDatabase("session-cancel", .with { $0.scanLinks = 1 }) { bench in
            let scan = Task(executorPreference: bench.loop) {
                try await bench.database.scan { db in _ = try await db.run("SELECT 1 FROM pg_sleep(30)") }
            }
            func running() async throws -> Int {
                try await bench.number(
                    """
                    SELECT count(*) FROM pg_stat_activity
                    WHERE application_name = 'session-cancel' AND state = 'active' AND query LIKE '%pg_sleep(30)'
                    """)
            }
            while try await running() == 0 {
                try Task.checkCancellation()
                await bench.sleep(milliseconds: 10)
            }
            scan.cancel()
            await #expect(throws: CancellationError.self) { try await scan.value }
            #expect(try await running() == 0)
            let after = try await bench.database.scan { db in try await db.first("SELECT 9") { $0.int() } }
            #expect(after == 9)
        }
    }

    @Test("a scan that was cancelled before it began is not made")
    func cancelledBefore() async throws {
        try await withDatabase("session-early") { bench in
            let scan = Task(executorPreference: bench.loop) {
                await bench.sleep(milliseconds: 50)
                try await bench.database.scan { db in _ = try await db.run("SELECT 1 FROM pg_sleep(30)") }
            }
            scan.cancel()
            await #expect(throws: CancellationError.self) { try await scan.value }
        }
    }

    @Test("a scan whose caller goes while its session is being made is not made either")
    func cancelledMeanwhile() async throws {
        try await withDatabase("session-meanwhile") { bench in
            let scan = Task(executorPreference: bench.loop) {
                try await bench.database.scan { db in _ = try await db.run("SELECT 1 FROM pg_sleep(30)") }
            }
            // The scan has asked for its link, which takes longer than this.
            await bench.sleep(milliseconds: 0)
            scan.cancel()
            await #expect(throws: CancellationError.self) { try await scan.value }
        }
    }
}
