import Glibc
import Helpdesk
import Loop
import Postgres
import SQLite
import Storage

/// Opens the database that the settings name.
enum OpenDatabase {
    /// What may be wrong with where the data should be, as a sentence.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameter isPatient: for migrations, which may have to wait for another node's.
    static func at(_ settings: DeskSettings, loops: [EventLoop], blocking: BlockingPool, isPatient: Bool = false) throws -> any Database {
        switch settings.database {
        case .inDataFolder:
            try makeFolder(settings.dataFolder)
            return try SQLiteDatabase(path: "\(settings.dataFolder)/martlet.db", loops: loops)
        case .file(let path): return try SQLiteDatabase(path: path, loops: loops)
        case .server(let url):
            let database = PostgresDatabase(
                try ServerAddress(url), loops: loops, blocking: blocking, limits: isPatient ? .patient : .serving(loops: loops.count))
            if !isPatient { database.openScanLinks() }
            return database
        }
    }

    /// The folder and those above it, for its owner only.
    static func makeFolder(_ path: String) throws {
        var partial = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            partial += partial.isEmpty || partial.hasSuffix("/") ? "\(part)" : "/\(part)"
            if mkdir(partial, 0o700) != 0, errno != EEXIST {
                throw Fault(description: "the folder \(path) cannot be made: \(String(cString: strerror(errno)))")
            }
        }
    }
}

/// Does something with the database before the server runs, or instead of it: on a loop of its own, and with a database that is closed
/// at the end.
func withDatabase<Result: Sendable>(
    _ settings: DeskSettings, _ body: @escaping @Sendable (any Database, BlockingPool) async throws -> Result
) throws -> Result {
    let loop = try EventLoop()
    let blocking = BlockingPool(threads: 2, bound: 64)
    defer { blocking.stop() }
    let outcome = Locked<Swift.Result<Result, any Error>?>(nil)
    _ = loop.spawn {
        do {
            let database = try OpenDatabase.at(settings, loops: [loop], blocking: blocking, isPatient: true)
            let result: Swift.Result<Result, any Error>
            do { result = .success(try await body(database, blocking)) } catch { result = .failure(error) }
            await database.close()
            outcome.withLock { $0 = result }
        } catch {
            outcome.withLock { $0 = .failure(error) }
        }
        loop.stop()
    }
    loop.run()
    guard let result = outcome.withLock({ $0 }) else { throw OpenDatabase.Fault(description: "the database gave no answer") }
    return try result.get()
}
