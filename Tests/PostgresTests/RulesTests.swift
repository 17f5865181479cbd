import Testing

@testable import Postgres

@Suite("The driver's rules") struct RulesTests {
    @Test(
        "what an error means is read from its class when its code is not special",
        arguments: [
            ("40001", SQLState.Meaning.rerun), ("40P01", .rerun), ("0A000", .stale), ("26000", .stale), ("57014", .timedOut),
            ("55P03", .locked), ("58030", .diskError), ("XX001", .damaged), ("57P01", .lost), ("57P03", .lost), ("08006", .lost),
            ("", .lost), ("25P03", .lost), ("53100", .full),
            ("53300", .unavailable), ("53200", .unavailable), ("25006", .readOnly), ("23505", .constraint), ("23503", .constraint),
            ("42601", .broken), ("22P02", .broken), ("25P02", .broken),
        ])
    func meanings(code: String, meaning: SQLState.Meaning) {
        #expect(SQLState(code).meaning == meaning)
    }

    @Test("a session says its limits in milliseconds, and is held to be dead only after the server would have ended the statement")
    func session() {
        let rules = SessionRules(isReadOnly: true, statement: 2000, lock: 300, idleInTransaction: 400, connecting: 1)
        #expect(rules.commands.contains("SET default_transaction_read_only = on;"))
        #expect(rules.commands.contains("SET statement_timeout = 2000;"))
        #expect(rules.commands.contains("SET lock_timeout = 300;"))
        #expect(rules.commands.contains("SET idle_in_transaction_session_timeout = 400;"))
        #expect(rules.patience > 2_000_000_000)
    }
}
