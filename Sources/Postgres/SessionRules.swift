/// What a session is for, and how long things may take in it.
struct SessionRules: Sendable {
    var isReadOnly: Bool
    /// Milliseconds a statement may take; the server ends it then.
    var statement: Int
    /// Milliseconds a statement may wait for a row that another transaction holds.
    var lock: Int
    /// Milliseconds a transaction may do nothing, holding its rows and the event log's order.
    var idleInTransaction: Int
    /// Milliseconds in which a connection must be made.
    var connecting: Int

    /// Nanoseconds after which a server that says nothing is held to be gone: it would have ended the statement itself.
    var patience: UInt64 { UInt64(statement + 1_500) * 1_000_000 }

    /// Sent once, before the first query. Not as start-up options, which poolers refuse.
    ///
    /// What is compiled for a question costs more than the question, and so do processes that are started to share its work: questions
    /// are small, and come from many at once.
    ///
    /// What changes something finds its rows by key, and needs no plan of its own for each value: making one cost more than the statement.
    var commands: String {
        """
        SET default_transaction_read_only = \(isReadOnly ? "on" : "off"); SET statement_timeout = \(statement); \
        SET lock_timeout = \(lock); SET idle_in_transaction_session_timeout = \(idleInTransaction); \
        SET timezone = 'UTC'; SET client_min_messages = warning; \
        SET max_parallel_workers_per_gather = 0\(isReadOnly ? "; SET jit = off" : "; SET plan_cache_mode = force_generic_plan")
        """
    }
}
