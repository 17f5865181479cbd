import Glibc
public import Loop
import Postgres
public import Storage

/// Another database on the server of `TestEngine.postgres`, which has nothing to do with the one under test. It is dropped once it is closed.
public struct ForeignDatabase: Sendable {
    public let database: any Database
    private let name: String
    private let blocking: BlockingPool

    public init(_ loop: EventLoop) throws {
        guard let server = PSQL.server else { throw PSQL.Failed(command: "there is no server") }
        name = "foreign_\(getpid())_\(UInt32.random(in: 0...UInt32.max))"
        try PSQL.run("CREATE DATABASE \(name)")
        blocking = BlockingPool(threads: 1, bound: 16)
        var limits = PostgresLimits()
        (limits.writeTime, limits.connectTime) = (120_000, 30_000)
        let address = try ServerAddress(PSQL.address(of: name, on: server))
        database = PostgresDatabase(address, loops: [loop], blocking: blocking, limits: limits)
    }

    public func run(_ command: String) throws { try PSQL.run(command, in: name) }

    public func close() async {
        await database.close()
        blocking.stop()
        try? PSQL.run("DROP DATABASE \(name) WITH (FORCE)")
    }
}

/// Commands that no transaction may hold, by PostgreSQL's own client.
public enum PSQL {
    public struct Failed: Error {
        public let command: String
    }

    static let server = getenv("MARTLET_TEST_POSTGRES").map { String(cString: $0) }

    /// Blocks. The command is a test's own, without quotation marks of the shell.
    public static func run(_ command: String, in database: String = "postgres") throws {
        guard let server else { throw Failed(command: command) }
        let place = address(of: database, on: server)
        let line = "psql --no-psqlrc -q -v ON_ERROR_STOP=1 -c \"\(command)\" \"\(place)\" >/dev/null 2>&1"
        guard system(line) == 0 else { throw Failed(command: command) }
    }

    /// The server's address with another database at its end.
    static func address(of database: String, on server: String) -> String {
        String(server[...(server.lastIndex(of: "/") ?? server.startIndex)]) + database
    }
}
