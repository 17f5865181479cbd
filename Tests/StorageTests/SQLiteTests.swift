import CSQLite
import Glibc
import Loop
import Storage
import TestEngines
import Testing

@testable import SQLite

@Suite("SQLite", .timeLimit(.minutes(2))) struct SQLiteTests {
    @Test("the file and its companions are their owner's only")
    func mode() async throws {
        try await inFolder { folder in
            let database = try SQLiteDatabase(path: folder + "/a.db")
            try await database.makeThings()
            for name in ["a.db", "a.db-wal", "a.db-shm"] {
                var info = stat()
                #expect(stat(folder + "/" + name, &info) == 0)
                #expect(info.st_mode & 0o777 == 0o600)
            }
            await database.close()
            // The log was moved into the file, which is whole by itself.
            #expect(access(folder + "/a.db-wal", F_OK) != 0)
            let again = try SQLiteDatabase(path: folder + "/a.db")
            let count = try await again.count("SELECT count(*) FROM thing")
            #expect(count == 0)
            await again.close()
        }
    }

    @Test("a folder that is not there is told")
    func noFolder() {
        let fault = #expect(throws: StorageFault.self) { try SQLiteDatabase(path: "/nowhere/at/all.db") }
        #expect(fault?.isPassing == true)
    }

    @Test("a file that is no database is told, and left alone")
    func noDatabase() async throws {
        try await inFolder { folder in
            let path = folder + "/a.db"
            let descriptor = open(path, O_CREAT | O_WRONLY, 0o600)
            let text = String(repeating: "something else ", count: 100)
            #expect(text.withCString { write(descriptor, $0, text.utf8.count) } == text.utf8.count)
            close(descriptor)
            let fault = #expect(throws: StorageFault.self) { try SQLiteDatabase(path: path) }
            #expect(fault?.isPassing == false)
            var info = stat()
            #expect(stat(path, &info) == 0)
            #expect(info.st_size == text.utf8.count)
        }
    }

    @Test("a write waits for another process, and gives up in time")
    func locked() async throws {
        try await inFolder { folder in
            var options = SQLiteDatabase.Options()
            options.lockTimeout = 20_000_000
            let database = try SQLiteDatabase(path: folder + "/a.db", options)
            try await database.makeThings()
            let file = DatabaseFile(path: folder + "/a.db", options)
            let stranger = try SQLiteLink(file, .writer)
            try stranger.say(.beginImmediate)
            let fault = await #expect(throws: StorageFault.self) {
                try await database.write { db in try await db.run("INSERT INTO thing (id) VALUES (1)") }
            }
            #expect(fault?.isPassing == true)
            let count = try await database.count("SELECT count(*) FROM thing")
            #expect(count == 0)
            try stranger.say(.commit)
            try await database.write { db in try await db.run("INSERT INTO thing (id) VALUES (1)") }
            await database.close()
        }
    }

    @Test("one whose statement loses the transaction fails alone; the others run again")
    func lostTransaction() async throws {
        try await withDatabase(on: .sqlite) { database in
            try await database.makeThings()
            try await database.write { db in
                for id in 0..<40 { try await db.run("INSERT INTO thing (id, number) VALUES (\(id), 0)") }
            }
            // The lane is held while the others come, so that they are one group.
            async let holder: Void = database.write { _ in _ = usleep(100_000) }
            usleep(20_000)
            try await atOnce(40) { number in
                do {
                    try await database.write { db in
                        if number == 20 {
                            try await db.script("PRAGMA max_page_count = 10")
                            try await db.run("UPDATE thing SET body = \([UInt8](repeating: 7, count: 300_000)) WHERE id = 20")
                        }
                        try await db.run("UPDATE thing SET number = number + 1 WHERE id = \(number)")
                    }
                    #expect(number != 20)
                } catch StorageFault.full {
                    #expect(number == 20)
                }
            }
            try await holder
            let sums = try await database.read { db in
                try await db.first("SELECT sum(number), count(*) FILTER (WHERE number = 1) FROM thing") { [$0.int(), $0.int()] }
            }
            #expect(sums == [39, 39])
        }
    }

    @Test("a scan ends when its time is over, and the lane goes on")
    func timeout() async throws {
        try await onLoop { _ in
            var options = SQLiteDatabase.Options()
            options.timeout = 30_000_000
            options.scanLanes = 1
            let database = try SQLiteDatabase.temporary(options)
            await #expect(throws: StorageFault.timeout) {
                try await database.scan { db in try await db.first(countTo(2_000_000_000)) { $0.int() } }
            }
            await #expect(throws: StorageFault.timeout) { try await database.count(countTo(2_000_000_000)) }
            await #expect(throws: StorageFault.timeout) {
                try await database.write { db in try await db.first(countTo(2_000_000_000)) { $0.int() } }
            }
            let one = try await database.scan { db in try await db.first("SELECT 1") { $0.int() } }
            #expect(one == 1)
            await database.close()
        }
    }

    @Test("a slow read leaves its loop to the others")
    func loopGoesOn() async throws {
        try await withDatabase(on: .sqlite) { database in
            let home = UInt(pthread_self())
            // The loop's thread would be held for the whole of it, so that this could come only afterwards.
            let order = Locked<[Int]>([])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    _ = try await database.count(countTo(3_000_000))
                    order.withLock { $0.append(2) }
                }
                group.addTask {
                    _ = try await database.count("SELECT 1")
                    order.withLock { $0.append(1) }
                }
                try await group.waitForAll()
            }
            #expect(order.withLock { $0 } == [1, 2])
            #expect(UInt(pthread_self()) == home)
        }
    }

    @Test("a write brings its caller back to its loop")
    func home() async throws {
        try await withDatabase(on: .sqlite) { database in
            try await database.makeThings()
            let home = UInt(pthread_self())
            try await database.write { db in try await db.run("INSERT INTO thing (id) VALUES (1)") }
            #expect(UInt(pthread_self()) == home)
            let readsHere = try await database.read { _ in UInt(pthread_self()) }
            #expect(readsHere == home)
            let scansElsewhere = try await database.scan { _ in UInt(pthread_self()) }
            #expect(scansElsewhere != home)
        }
    }

    @Test("the body of a write that awaits something else is a trap in a debug build")
    func foreignAwaitInWrite() async {
        #if DEBUG
            await #expect(processExitsWith: .failure) {
                try await withNamelessDatabase { database in try await database.write { _ in try await Task.sleep(nanoseconds: 50_000_000) }
                }
            }
        #endif
    }

    @Test("a closed database refuses")
    func closed() async throws {
        try await onLoop { _ in
            let database = try SQLiteDatabase.temporary()
            try await database.makeThings()
            await database.close()
            let fault = await #expect(throws: StorageFault.self) { try await database.write { _ in } }
            #expect(fault?.isPassing == true)
        }
    }

    @Test("statements are kept, the one that was not used for longest goes first")
    func statementCache() throws {
        let file = DatabaseFile(path: ":memory:", SQLiteDatabase.Options())
        let handle = try file.connect(.scan)
        // The statements that the test holds are closed later, so the connection becomes a zombie until then.
        defer { sqlite3_close_v2(handle) }
        var cache = StatementCache(bound: 2)
        func take(_ sql: SQL) throws -> ObjectIdentifier { ObjectIdentifier(try cache.statement(for: sql, on: handle)) }
        let statements: [SQL] = ["SELECT 1", "SELECT 2", "SELECT 3"]
        let kept = try cache.statement(for: statements[0], on: handle)
        _ = try take(statements[1])
        #expect(try take(statements[0]) == ObjectIdentifier(kept))
        let second = try cache.statement(for: statements[1], on: handle)
        #expect(try take(statements[0]) == ObjectIdentifier(kept))
        _ = try take(statements[2])
        #expect(cache.count == 2)
        #expect(try take(statements[0]) == ObjectIdentifier(kept))
        #expect(try take(statements[1]) != ObjectIdentifier(second))
    }

    @Test("two statements in one, and none at all, are refused", arguments: ["SELECT 1; DELETE FROM thing", "", " -- nothing"])
    func oneStatement(text: String) throws {
        let handle = try DatabaseFile(path: ":memory:", SQLiteDatabase.Options()).connect(.scan)
        defer { sqlite3_close_v2(handle) }
        #expect(throws: StorageFault.self) { try Statement(text, on: handle) }
    }

    @Test("a statement is prepared anew when the schema has changed under it")
    func changedSchema() async throws {
        try await withDatabase(on: .sqlite) { database in
            try await database.makeThings()
            let before = try await database.count("SELECT count(*) FROM thing")
            try await database.write { db in
                try await db.run("ALTER TABLE thing ADD COLUMN late bigint")
                try await db.run("INSERT INTO thing (id, late) VALUES (1, 2)")
            }
            let after = try await database.count("SELECT count(*) FROM thing")
            #expect([before, after] == [0, 1])
        }
    }

    @Test("a full disk refuses writes and keeps what was acknowledged; with room again all goes on")
    func fullDisk() async throws {
        guard geteuid() == 0 else { return print("not root, so no small disk can be made: the full disk is not tested") }
        try await inFolder { folder in
            guard mount("tmpfs", folder, "tmpfs", 0, "size=2m") == 0 else { return print("no tmpfs can be mounted here: not tested") }
            defer { umount2(folder, Int32(MNT_DETACH)) }
            let database = try SQLiteDatabase(path: folder + "/a.db")
            try await database.makeThings()
            var acknowledged = 0
            let block = [UInt8](repeating: 1, count: 50_000)
            var fault: StorageFault?
            while fault == nil && acknowledged < 100 {
                let id = acknowledged
                do {
                    try await database.write { db in try await db.run("INSERT INTO thing (id, body) VALUES (\(id), \(block))") }
                    acknowledged += 1
                } catch let caught as StorageFault {
                    fault = caught
                }
            }
            #expect(fault == .full)
            #expect(acknowledged > 0)
            let kept = try await database.count("SELECT count(*) FROM thing")
            #expect(kept == acknowledged)
            #expect(mount("tmpfs", folder, "tmpfs", UInt(MS_REMOUNT), "size=20m") == 0)
            try await database.write { db in try await db.run("INSERT INTO thing (id, body) VALUES (1000, \(block))") }
            let more = try await database.count("SELECT count(*) FROM thing")
            #expect(more == acknowledged + 1)
            await database.close()
        }
    }
}

/// A database whose files have no names any more, so that a process that is about to die leaves none behind.
private func withNamelessDatabase(_ body: @escaping @Sendable (SQLiteDatabase) async throws -> Void) async throws {
    try await onLoop { _ in
        let path = try DatabaseFile.temporaryPath()
        let database = try SQLiteDatabase(path: path)
        _ = try await database.count("SELECT 1")
        for end in ["", "-wal", "-shm"] { unlink(path + end) }
        try await body(database)
    }
}
