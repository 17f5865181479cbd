import Glibc
import Loop
import Storage
import TestEngines
import Testing

@testable import SQLite

/// What the disk and other processes do to a database: no acknowledged change may be lost, and all must go on by itself afterwards.
@Suite("SQLite and its disk", .timeLimit(.minutes(2))) struct SQLiteDiskTests {
    @Test("a full disk in the midst of many writers: what was acknowledged is there and the rest is not; reads go on; with room all goes on")
    func full() async throws {
        try await withFaultyDisk { disk, database in
            disk.change { $0.room = 1_000_000 }
            let acknowledged = try await insert(0..<400, into: database, bytes: 10_000)
            #expect(acknowledged.count > 20 && acknowledged.count < 400)
            #expect(try await rows(in: database) == acknowledged)
            disk.change { $0.room = nil }
            let more = try await insert(1_000..<1_040, into: database, bytes: 10_000)
            #expect(more.count == 40)
            #expect(try await rows(in: database) == acknowledged.union(more))
        }
    }

    @Test("one who wants more room than there is takes none from those who wait beside it")
    func greedy() async throws {
        try await withFaultyDisk { disk, database in
            disk.change { $0.room = 600_000 }
            // The lane is held while the others come, so that they are one group.
            async let holder: Void = database.write { _ in _ = usleep(100_000) }
            usleep(20_000)
            async let greedy = insert(0..<1, into: database, bytes: 3_000_000)
            let modest = try await insert(1..<30, into: database, bytes: 100)
            #expect(modest.count == 29)
            #expect(try await greedy.isEmpty)
            try await holder
            #expect(try await rows(in: database) == modest)
        }
    }

    @Test("a disk that fails is told, never acknowledged, and works again when it is well", arguments: [FaultyDisk.Act.write, .flush])
    func failing(act: FaultyDisk.Act) async throws {
        try await withFaultyDisk { disk, database in
            let before = try await insert(0..<40, into: database, bytes: 100)
            disk.change { $0.failing = [act] }
            for _ in 0..<3 {
                let fault = await fault { try await database.write { db in try await db.run("INSERT INTO thing (id) VALUES (100)") } }
                guard case .unavailable = fault else { throw Mishap() }
            }
            #expect(try await rows(in: database) == before)
            disk.change { $0.failing = [] }
            let after = try await insert(200..<240, into: database, bytes: 100)
            #expect(after.count == 40)
            #expect(try await rows(in: database) == before.union(after))
        }
    }

    @Test("a disk that cannot be read is told, and is read again when it is well")
    func unreadable() async throws {
        try await withFaultyDisk { disk, database in
            let kept = try await insert(0..<40, into: database, bytes: 5_000)
            disk.change { $0.failing = [.read] }
            // A connection that has read nothing yet keeps nothing in memory.
            let fresh = Lane(named: "fresh")
            let told = await Task<StorageFault?, Never>(executorPreference: fresh) { await fault { try await rows(in: database) } }.value
            fresh.stop()
            guard case .unavailable = told else { throw Mishap() }
            disk.change { $0.failing = [] }
            #expect(try await rows(in: database) == kept)
        }
    }

    @Test("another process that holds the lock is waited for, and its lock is told when it stays")
    func otherProcess() async throws {
        try await inFolder { folder in
            var options = SQLiteDatabase.Options()
            options.lockTimeout = 50_000_000
            let path = folder + "/a.db"
            let database = try SQLiteDatabase(path: path, options)
            try await database.makeThings()
            let signal = folder + "/go"
            async let other = #expect(processExitsWith: .success) { [path = path as String, signal = signal as String] in
                let stranger = try SQLiteLink(DatabaseFile(path: path, SQLiteDatabase.Options()), .writer)
                try stranger.say(.beginImmediate)
                close(open(signal, O_CREAT | O_WRONLY, 0o600))
                while access(signal, F_OK) == 0 { usleep(5_000) }
                try stranger.say(.commit)
            }
            while access(signal, F_OK) != 0 {
                try Task.checkCancellation()
                try await Task.sleep(nanoseconds: 5_000_000)
            }
            let insert: @Sendable () async throws -> Int = {
                try await database.write { db in try await db.run("INSERT INTO thing (id) VALUES (1)") }
            }
            #expect(await fault(insert) == .unavailable("another process keeps the database locked"))
            #expect(try await database.count("SELECT count(*) FROM thing") == 0)
            unlink(signal)
            _ = await other
            _ = try await insert()
            #expect(try await database.count("SELECT count(*) FROM thing") == 1)
            await database.close()
        }
    }

    @Test("the log stays short while scans overlap without end")
    func log() async throws {
        try await inFolder { folder in
            let database = try SQLiteDatabase(path: folder + "/a.db")
            try await database.makeThings()
            let isOver = Locked(false)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        while !isOver.withLock({ $0 }) && !Task.isCancelled {
                            _ = try await database.scan { db in
                                _ = try await db.first("SELECT count(*) FROM thing") { $0.int() }
                                return try await db.first(countTo(100_000)) { $0.int() }
                            }
                        }
                    }
                }
                let block = [UInt8](repeating: 1, count: 100_000)
                var longest = 0
                for id in 0..<1_000 {
                    try await database.write { db in try await db.run("INSERT INTO thing (id, body) VALUES (\(id), \(block))") }
                    longest = max(longest, size(of: folder + "/a.db-wal"))
                }
                isOver.withLock { $0 = true }
                try await group.waitForAll()
                #expect(longest < 80_000_000)
                #expect(size(of: folder + "/a.db") > 50_000_000)
            }
            await database.close()
        }
    }

    // MARK: -

    /// Inserts a row for each number, all at once. Returns those that were acknowledged; anybody else was told that there is no room.
    private func insert(_ numbers: Range<Int>, into database: SQLiteDatabase, bytes: Int) async throws -> Set<Int> {
        let acknowledged = Locked<Set<Int>>([])
        let body = [UInt8](repeating: 3, count: bytes)
        try await atOnce(numbers.count) { index in
            let id = numbers.lowerBound + index
            let fault = await fault {
                try await database.write { db in try await db.run("INSERT INTO thing (id, body) VALUES (\(id), \(body))") }
            }
            switch fault {
            case nil: acknowledged.withLock { _ = $0.insert(id) }
            case .full: break
            case let fault?: throw fault
            }
            // Reads go on whatever happens to writes.
            _ = try await database.count("SELECT count(*) FROM thing")
        }
        return acknowledged.withLock { $0 }
    }

    private func rows(in database: SQLiteDatabase) async throws -> Set<Int> {
        try await database.read { db in Set(try await db.all("SELECT id FROM thing") { $0.int() }) }
    }

    private func size(of path: String) -> Int {
        var info = stat()
        return stat(path, &info) == 0 ? Int(info.st_size) : 0
    }

    private func withFaultyDisk(_ body: @escaping @Sendable (FaultyDisk, SQLiteDatabase) async throws -> Void) async throws {
        try await inFolder { folder in
            let disk = FaultyDisk(in: folder)
            let database = try SQLiteDatabase(path: disk.path)
            try await database.makeThings()
            try await body(disk, database)
            await database.close()
        }
    }
}
