/// A step of the schema. Once released it is never edited: what is wrong with it is put right by the next.
public struct Migration: Sendable {
    /// Says the order too: `m001_accounts`.
    public let name: String
    /// Whether a node of the release before goes on beside it: it only adds what that release does not ask for. A step that takes something
    /// away comes a release later than the one that needs it no more.
    public let suitsEarlier: Bool
    private let sqlite: String
    private let postgres: String

    /// One text for both engines. In it stands `{identity}` for a key that the engine counts up, and behind a table's columns `{roomy}`
    /// where rows are changed so often that pages should keep room for it, `{by_key}` where the key is all that a row is found by.
    public init(_ name: String, suitsEarlier: Bool = true, _ text: String) {
        self.init(name, suitsEarlier: suitsEarlier, sqlite: text, postgres: text)
    }

    /// A pair, only where the engines must differ.
    public init(_ name: String, suitsEarlier: Bool = true, sqlite: String, postgres: String) {
        self.name = name
        self.suitsEarlier = suitsEarlier
        self.sqlite = sqlite
        self.postgres = postgres
    }

    func text(for engine: Engine) -> String {
        engine.definitions.reduce(engine == .sqlite ? sqlite : postgres) { text, definition in
            text.split(separator: definition.key, omittingEmptySubsequences: false).joined(separator: definition.value)
        }
    }
}

/// Why a schema was not brought up to date.
public enum MigrationFault: Error, Equatable, Sendable {
    /// The database has this migration, which the binary does not know, and which a release before its own cannot live with.
    case databaseIsNewer(String)
    /// This migration is missing although a later one was applied.
    case outOfOrder(String)
    /// This migration failed and left nothing behind.
    case failed(String, StorageFault)
}

/// Brings a database to the schema that this binary wants, one migration a transaction.
public struct Migrator: Sendable {
    private let migrations: [Migration]
    private let database: any Database

    /// A migration and when it was applied, in milliseconds since 1970; nil if it was not yet.
    public struct Status: Equatable, Sendable {
        public let name: String
        public let appliedAt: Int?
        /// Whether a binary that does not know it may go on.
        fileprivate var suitsEarlier = true

        public init(name: String, appliedAt: Int?) {
            self.name = name
            self.appliedAt = appliedAt
        }
    }

    /// - Parameter migrations: all there ever were, in their order.
    public init(_ migrations: [Migration], on database: any Database) {
        precondition(zip(migrations, migrations.dropFirst()).allSatisfy { $0.name < $1.name }, "migrations out of order, or one twice")
        self.migrations = migrations
        self.database = database
    }

    /// Applies what is missing and returns the names. Several nodes may do so at once: each migration is applied by one of them.
    /// Throws `MigrationFault`, or `StorageFault` when the database cannot be asked at all.
    public func run(now: @escaping @Sendable () -> Int) async throws -> [String] {
        var names: [String] = []
        while let name = try await step(now) { names.append(name) }
        return names
    }

    /// What was applied and what was not. Changes nothing. Throws as `run` does when the database is newer.
    public func status() async throws -> [Status] {
        let applied = try await database.read { db in
            let isThere = try await db.first(db.engine.count(tablesNamed: "migrations")) { $0.int() } == 1
            return isThere ? try await db.appliedMigrations() : []
        }
        try check(applied)
        return migrations.map { migration in
            Status(name: migration.name, appliedAt: applied.first { $0.name == migration.name }?.appliedAt)
        }
    }

    /// Applies the first that is missing, in a transaction that keeps the other nodes waiting; nil when there is none.
    private func step(_ now: @escaping @Sendable () -> Int) async throws -> String? {
        try await database.write { db in
            if let lock = db.engine.migrationLock { try await db.run(lock) }
            try await db.run(
                """
                CREATE TABLE IF NOT EXISTS migrations (
                    name text COLLATE "C" NOT NULL PRIMARY KEY, applied_at bigint NOT NULL, suits_earlier boolean NOT NULL)
                """)
            let applied = try await db.appliedMigrations()
            try check(applied)
            guard applied.count < migrations.count else { return nil }
            let next = migrations[applied.count]
            do throws(StorageFault) {
                try await db.script(next.text(for: db.engine))
            } catch {
                throw error.isPassing ? error : MigrationFault.failed(next.name, error)
            }
            try await db.run(
                "INSERT INTO migrations (name, applied_at, suits_earlier) VALUES (\(next.name), \(now()), \(next.suitsEarlier))")
            return next.name
        }
    }

    /// What was applied must be the beginning of what we know, or all of it and what of a later release we can live with.
    private func check(_ applied: [Status]) throws(MigrationFault) {
        let known = Set(migrations.map(\.name))
        let strangers = applied.filter { !known.contains($0.name) }
        if let stranger = strangers.first(where: { !$0.suitsEarlier }) { throw .databaseIsNewer(stranger.name) }
        if let stranger = strangers.first, applied.count - strangers.count < migrations.count { throw .databaseIsNewer(stranger.name) }
        for (migration, status) in zip(migrations, applied) where migration.name != status.name { throw .outOfOrder(migration.name) }
    }
}

extension Connection {
    fileprivate func appliedMigrations() async throws(StorageFault) -> [Migrator.Status] {
        try await all("SELECT name, applied_at, suits_earlier FROM migrations ORDER BY name") { row in
            var status = Migrator.Status(name: row.text(), appliedAt: row.int())
            status.suitsEarlier = row.bool()
            return status
        }
    }
}
