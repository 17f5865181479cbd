import Glibc
import Loop
import Storage
import TestEngines
import Testing

@testable import SQLite

/// What an operator must hear of a database, though most requests may still be answered from memory.
@Suite("What is wrong with a database", .timeLimit(.minutes(1))) struct DatabaseHealthTests {
    @Test("a full disk and a failing one are told until a change is made, or half a minute has passed; damage until the end")
    func memory() {
        let health = DatabaseHealth()
        let now = ContinuousClock.now
        #expect(health.problems(at: now).isEmpty)
        let others: [StorageFault] = [.timeout, .locked, .busy(""), .broken(""), .unavailable(""), .constraint("")]
        for fault in others { health.note(fault, at: now) }
        #expect(health.problems(at: now).isEmpty)
        health.note(.full, at: now)
        #expect(health.problems(at: now + .seconds(29)).map(\.effect) == [.limited])
        #expect(health.problems(at: now + .seconds(31)).isEmpty)
        health.note(.diskError(""), at: now)
        #expect(health.problems(at: now).map(\.effect) == [.limited, .unusable])
        health.noteCommit()
        #expect(health.problems(at: now).isEmpty)
        health.note(.damaged(""), at: now)
        health.noteCommit()
        #expect(health.problems(at: now + .seconds(3600)).map(\.effect) == [.unusable])
    }

    @Test("a damaged file is told from the first statement on that meets it")
    func damaged() async throws {
        try await inFolder { folder in
            let path = folder + "/a.db"
            let database = try SQLiteDatabase(path: path)
            try await database.makeThings()
            for id in 0..<200 {
                try await database.write { db in
                    try await db.run("INSERT INTO thing (id, body) VALUES (\(id), \([UInt8](repeating: 7, count: 4000)))")
                }
            }
            await database.close()
            let file = open(path, O_WRONLY)
            var rubbish = [UInt8](repeating: 0xA5, count: 400_000)
            #expect(pwrite(file, &rubbish, rubbish.count, 8192) == rubbish.count)
            close(file)
            let again = try SQLiteDatabase(path: path)
            #expect(again.problems.isEmpty)
            let told = await fault { try await again.scan { db in try await db.all("SELECT id, body FROM thing") { $0.int() } } }
            guard case .damaged = told else { throw Mishap() }
            #expect(!StorageFault.damaged("").isPassing)
            #expect(again.problems.map(\.effect) == [.unusable])
            await again.close()
        }
    }

    @Test("a file that was removed or replaced takes no change: one would be gone at the next start", arguments: ["", "-wal", "-shm"])
    func moved(end: String) async throws {
        try await inFolder { folder in
            let path = folder + "/a.db"
            let database = try SQLiteDatabase(path: path)
            try await database.makeThings()
            try await database.write { db in try await db.run("INSERT INTO thing (id) VALUES (1)") }
            #expect(database.problems.isEmpty)
            try #require(rename(path + end, path + ".aside") == 0)
            for id in 2..<5 {
                let told = await fault { try await database.write { db in try await db.run("INSERT INTO thing (id) VALUES (\(id))") } }
                #expect(told == .unavailable("its file was removed or replaced while the server runs"))
            }
            #expect(database.problems.map(\.effect) == [.unusable])
            // Another file of that name is not the one that SQLite has open.
            close(open(path + end, O_CREAT | O_WRONLY, 0o600))
            #expect(await fault { try await database.write { db in try await db.run("INSERT INTO thing (id) VALUES (9)") } } != nil)
            // Put back in its place, it is as it was.
            try #require(rename(path + ".aside", path + end) == 0)
            try await database.write { db in try await db.run("INSERT INTO thing (id) VALUES (10)") }
            #expect(database.problems.isEmpty)
            await database.close()
            let again = try SQLiteDatabase(path: path)
            #expect(try await again.count("SELECT count(*) FROM thing") == 2)
            await again.close()
        }
    }

    @Test("a lock that is held too long, a full disk and a server that is gone are three different faults", arguments: TestEngine.all)
    func locked(on engine: TestEngine) async throws {
        #expect(Set([StorageFault.locked, .full, .unavailable("x"), .timeout, .busy("x")].map(\.description)).count == 5)
        guard engine.engine == .sqlite else { return }
        try await inFolder { folder in
            var options = SQLiteDatabase.Options()
            options.lockTimeout = 20_000_000
            let (one, two) = (try SQLiteDatabase(path: folder + "/a.db"), try SQLiteDatabase(path: folder + "/a.db", options))
            try await one.makeThings()
            let (hasLock, isHeld) = (Locked(false), Locked(true))
            async let holder: Void = one.write { db in
                try await db.run("INSERT INTO thing (id) VALUES (1)")
                hasLock.withLock { $0 = true }
                while isHeld.withLock({ $0 }) { usleep(1_000) }
            }
            while !hasLock.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
            let told = await fault { try await two.write { db in try await db.run("INSERT INTO thing (id) VALUES (2)") } }
            #expect(told == .locked)
            isHeld.withLock { $0 = false }
            try await holder
            await two.close()
            await one.close()
        }
    }

    @Test(
        "a statement with more parameters than it may have is refused by itself, and whoever asks beside it is not",
        arguments: TestEngine.all)
    func tooManyParameters(on engine: TestEngine) async throws {
        try await withDatabase(on: engine) { database in
            // 70,000 are more than PostgreSQL's protocol can count.
            for count in [SQL.mostParameters + 1, 70_000] {
                let list = Array(0..<count)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<20 {
                        group.addTask {
                            let one = try await database.count("SELECT 1")
                            #expect(one == 1)
                        }
                    }
                    let read = await fault { _ = try await database.count("SELECT 1 WHERE 1 IN \(list: list)") }
                    #expect(read == .broken("a statement has \(count) parameters, and may have \(SQL.mostParameters)"))
                    let write = await fault { try await database.write { db in try await db.run("SELECT 1 WHERE 1 IN \(list: list)") } }
                    #expect(write == read)
                    try await group.waitForAll()
                }
            }
            let most = Array(0..<SQL.mostParameters)
            #expect(try await database.count("SELECT 1 WHERE 1 IN \(list: most)") == 1)
        }
    }

    @Test("all that reads is opened at the start, so that nobody can take its descriptors")
    func openedAtOnce() async throws {
        try await inFolder { folder in
            let loops = try (0..<3).map { _ in try EventLoop() }
            let database = try SQLiteDatabase(path: folder + "/a.db", loops: loops)
            let before = descriptors(of: folder + "/a.db")
            // A writer, a reader for each loop, and two lanes for scans.
            #expect(before >= 6)
            for loop in loops {
                let thread = loop.start(named: "reader")
                #expect(try await Task(executorPreference: loop) { try await database.count("SELECT 1") }.value == 1)
                loop.stop()
                thread.join()
            }
            try await atOnce(4) { number in
                _ = try await database.scan(within: nil, for: .person(UInt128(number))) { db in try await db.first("SELECT 1") { $0.int() }
                }
            }
            #expect(descriptors(of: folder + "/a.db") == before)
            await database.close()
        }
    }

    /// How many descriptors of this process are that very file.
    private func descriptors(of path: String) -> Int {
        var (count, room) = (0, [CChar](repeating: 0, count: 512))
        for number in 0..<4096 {
            let length = readlink("/proc/self/fd/\(number)", &room, room.count)
            if length > 0, String(decoding: room[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self) == path { count += 1 }
        }
        return count
    }
}
