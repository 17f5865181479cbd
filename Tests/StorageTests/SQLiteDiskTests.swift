import Glibc
import Loop
import Storage
import TestEngines
import Testing

@testable import SQLite

/// What the disk and other processes do to a database: no acknowledged change may be lost, and all must go on by itself afterwards.
@Suite("SQLite and its disk", .timeLimit(.minutes(2))) struct SQLiteDiskTests {
    @Test(
        "a full disk in the midst of many writers: what was acknowledged is there and the rest is not; reads go on; with room all goes on")
    func full() async throws {
        try await withFaultyDisk { disk, database in
            disk.change { $0.room = 1_000_000 }
            let acknowledged = try await insert(0..<400, into: database, bytes: 10_000)
            #expect(acknowledged.count > 20 && acknowledged.count < 400)
            #expect(try await rows(in: database) == acknowledged)
            #expect(database.problems.map(\.effect) == [.limited])
            disk.change { $0.room = nil }
            let more = try await insert(1_000..<1_040, into: database, bytes: 10_000)
            #expect(more.count == 40)
            #expect(database.problems.isEmpty)
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
                guard case .diskError = fault else { throw Mishap() }
            }
            #expect(try await rows(in: database) == before)
            #expect(database.problems == [DatabaseProblem(.unusable, "The disk of the database reports errors")])
            disk.change { $0.failing = [] }
            let after = try await insert(200..<240, into: database, bytes: 100)
            #expect(after.count == 40)
            #expect(database.problems.isEmpty)
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
            guard case .diskError = told else { throw Mishap() }
            disk.change { $0.failing = [] }
            #expect(try await rows(in: database) == kept)
        }
    }

    @Test("a process that is killed while many write loses nothing that it acknowledged")
    func killed() async throws {
        try await inFolder { folder in
            let path = folder + "/a.db"
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in try await writeUntilKilled(path) }
            let acknowledged = try numbers(in: path + "-told")
            unlink(path + "-told")
            #expect(acknowledged.count >= 200)
            let database = try SQLiteDatabase(path: path)
            #expect(try await rows(in: database).isSuperset(of: acknowledged))
            #expect(try await database.read { db in try await db.first("PRAGMA integrity_check") { $0.text() } } == "ok")
            try await database.write { db in try await db.run("INSERT INTO thing (id) VALUES (1000000)") }
            await database.close()
        }
    }

    @Test("a body that strays is refused and undone in a release; those beside it are kept, and all goes on")
    func stray() async throws {
        try await inFolder { folder in
            var options = SQLiteDatabase.Options()
            options.trapsAtStrays = false
            let database = try SQLiteDatabase(path: folder + "/a.db", options)
            try await database.makeThings()
            let late = Locked<StorageFault?>(nil)
            // The lane is held while the others come, so that they are one group.
            async let holder: Void = database.write { _ in _ = usleep(50_000) }
            usleep(10_000)
            async let stray = fault {
                try await database.write { db in
                    try await db.run("INSERT INTO thing (id) VALUES (1000)")
                    try await Task.sleep(nanoseconds: 50_000_000)
                    let told = await fault { try await db.run("INSERT INTO thing (id) VALUES (1001)") }
                    late.withLock { $0 = told }
                }
            }
            try await atOnce(20) { id in try await database.write { db in _ = try await db.run("INSERT INTO thing (id) VALUES (\(id))") } }
            let refused = StorageFault.broken("a body awaited something other than its connection")
            #expect(await stray == refused)
            try await holder
            while late.withLock({ $0 }) == nil { try await Task.sleep(nanoseconds: 5_000_000) }
            #expect(late.withLock { $0 } == refused)
            let scan = await fault { try await database.scan { _ in try await Task.sleep(nanoseconds: 50_000_000) } }
            #expect(scan == refused)
            #expect(try await rows(in: database) == Set(0..<20))
            await database.close()
        }
    }

    @Test("the log stays short while scans overlap without end")
    func log() async throws {
        try await inFolder { folder in
            let database = try SQLiteDatabase(path: folder + "/a.db")
            try await database.makeThings()
            let isOver = Locked(false)
            let scans = Locked(0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        while !isOver.withLock({ $0 }) && !Task.isCancelled {
                            _ = try await database.scan { db in
                                _ = try await db.first("SELECT count(*) FROM thing") { $0.int() }
                                return try await db.first(countTo(100_000)) { $0.int() }
                            }
                            scans.withLock { $0 += 1 }
                        }
                    }
                }
                let block = [UInt8](repeating: 1, count: 100_000)
                var (longest, seen) = (0, 0)
                for id in 0..<1_000 {
                    // However slow the machine is, little is written while a scan lasts.
                    if id.isMultiple(of: 30) {
                        while scans.withLock({ $0 }) == seen { try await Task.sleep(nanoseconds: 1_000_000) }
                        seen = scans.withLock { $0 }
                    }
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

/// Eight writers, each telling in a file what was acknowledged, until two hundred changes were; then the process ends by SIGKILL.
@Sendable private func writeUntilKilled(_ path: String) async throws {
    let told = open(path + "-told", O_CREAT | O_WRONLY | O_APPEND, 0o600)
    let count = Locked(0)
    try await onLoop { _ in
        let database = try SQLiteDatabase(path: path)
        try await database.makeThings()
        try await atOnce(8) { writer in
            for turn in 0..<100_000 {
                let id = turn * 8 + writer
                try await database.write { db in
                    try await db.run("INSERT INTO thing (id, body) VALUES (\(id), \([UInt8](repeating: 7, count: 500)))")
                }
                var line = Array("\(id)\n".utf8)
                write(told, &line, line.count)
                if count.withLock({ count in
                    count += 1
                    return count >= 200
                }) {
                    kill(getpid(), SIGKILL)
                }
            }
        }
    }
}

private func numbers(in path: String) throws -> Set<Int> {
    let file = try #require(fopen(path, "r"))
    defer { fclose(file) }
    var numbers: Set<Int> = []
    var line = [CChar](repeating: 0, count: 64)
    while fgets(&line, 64, file) != nil { numbers.insert(atol(line)) }
    return numbers
}
