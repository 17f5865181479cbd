import Domain
import Loop
import Storage
import TestEngines
import Testing

@testable import Helpdesk

@Suite("Readers of the log") struct LogReaderTests {
    @Test("each event has its effect once, in order, and a new reader begins where it was told to", arguments: TestEngine.all)
    func once(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.makeSeen()
            _ = try await desk.ticket()
            let late = LogReader("late", of: desk.desk, from: .end) { work, event in try await work.note(event, "late") }
            #expect(try await late.step() == false)
            _ = try await desk.ticket()
            let reader = LogReader("all", of: desk.desk) { work, event in try await work.note(event, "all") }
            try await reader.finish()
            try await late.finish()
            let all = try await desk.seqs()
            #expect(try await desk.seen("all") == all)
            #expect(try await desk.seen("late") == [all[all.count - 1]])
        }
    }

    @Test("an effect that fails leaves nothing behind, and is tried again", arguments: TestEngine.all)
    func fails(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.makeSeen()
            _ = try await desk.ticket()
            let isBroken = Locked(true)
            let reader = LogReader("all", of: desk.desk) { work, event in
                try await work.note(event, "all")
                if event.type == .ticketCreated, isBroken.withLock({ $0 }) { throw DeskError.busy("not now") }
            }
            await #expect(throws: DeskError.busy("not now")) { try await reader.step() }
            #expect(try await desk.seen("all").isEmpty)
            isBroken.withLock { $0 = false }
            try await reader.finish()
            #expect(try await desk.seen("all") == desk.seqs())
        }
    }

    @Test("a reader that comes back goes on where it was", arguments: TestEngine.all)
    func resumes(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.makeSeen()
            for _ in 0..<3 {
                _ = try await desk.ticket()
                try await LogReader("all", of: desk.desk) { work, event in try await work.note(event, "all") }.finish()
            }
            #expect(try await desk.seen("all") == desk.seqs())
        }
    }

    @Test("the bell rings for each commit with news, as long as somebody listens", arguments: TestEngine.all)
    func bell(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let heard = Locked(0)
            let number = desk.desk.bell.listen { heard.withLock { $0 += 1 } }
            _ = try await desk.ticket()
            desk.desk.bell.leave(number)
            _ = try await desk.ticket()
            #expect(heard.withLock { $0 } == 1)
        }
    }

    /// Twelve writers change the same few tickets; a tenth of them is undone after the numbers are drawn, some dawdle, and one holds its
    /// number for long. Two nodes run the same reader, and a third watches as a client does.
    @Test("with many writers, some undone and one slow, nothing is lost, doubled or turned round", arguments: TestEngine.all)
    func crowd(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.makeSeen()
            var tickets: [Ticket.ID] = []
            for _ in 0..<4 { tickets.append(try await desk.ticket().id) }
            let ids = tickets
            let others = try (0..<2).map { _ in
                try Desk(desk.database, Rules(), desk.desk.outside, secret: Array("a secret for tests only".utf8))
            }
            try await desk.follow("crowd", on: others) {
                try await atOnce(13) { writer in try await desk.writeMany(writer, ids) }
            }
            #expect(try await desk.revisionsAreInOrder())
            #expect(others.allSatisfy { $0.logGapAge == 0 })
        }
    }

    /// A snapshot of PostgreSQL's reaches to the last transaction that has ended. Here one that runs, and that has drawn the lower
    /// number, lies behind it.
    @Test("whoever began later and drew earlier is waited for", arguments: TestEngine.all)
    func beganLater(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.makeSeen()
            let (first, second) = (try await desk.ticket().id, try await desk.ticket().id)
            try await desk.follow("unlucky", on: [desk.desk]) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await desk.write { work in try await work.touch(first, drawingAfter: 0.5) } }
                    try await Task.sleep(for: .milliseconds(150))
                    group.addTask { try await desk.write { work in try await work.touch(second, dawdling: 1) } }
                    try await group.waitForAll()
                }
            }
        }
    }

    /// Number 1 of the events is undone, and somebody else on the same server has been at work since before that.
    @Test(
        "a transaction of another database, open or prepared, holds up nobody",
        arguments: TestEngine.all.filter { $0.engine == .postgres }, [false, true])
    func foreignTransaction(on engine: TestEngine, isPrepared: Bool) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.makeSeen()
            let ticket = try await desk.ticket().id
            let loop = try EventLoop()
            let thread = loop.start(named: "foreign")
            let foreign = try ForeignDatabase(loop)
            let (isOpen, mayEnd) = (Locked(false), Locked(false))
            let transaction = Task(executorPreference: loop) {
                try await foreign.database.write { db in
                    try await db.run("SELECT CAST(pg_current_xact_id() AS text)")
                    if isPrepared { try await db.run("PREPARE TRANSACTION 'foreign'") }
                    isOpen.withLock { $0 = true }
                    while !isPrepared, !mayEnd.withLock({ $0 }) { try await db.run("SELECT CAST(pg_sleep(0.01) AS text)") }
                }
            }
            try await desk.eventually { isOpen.withLock { $0 } }
            await #expect(throws: DeskError.busy("undone")) {
                try await desk.write { work in
                    try await work.touch(ticket)
                    throw DeskError.busy("undone")
                }
            }
            try await desk.write { work in try await work.touch(ticket) }
            let reader = LogReader("all", of: desk.desk) { work, event in try await work.note(event, "all") }
            try await desk.eventually {
                _ = try await reader.step()
                return try await desk.seen("all") == desk.seqs()
            }
            // A node that starts now finds where to begin.
            let node = try Desk(desk.database, Rules(), desk.desk.outside, secret: Array("a secret for tests only".utf8))
            try await desk.eventually { try await node.tail.advance(node) == desk.seqs().last }
            #expect(node.followsLog && node.logGapAge == 0)
            mayEnd.withLock { $0 = true }
            try await transaction.value
            if isPrepared { try foreign.run("ROLLBACK PREPARED 'foreign'") }
            await foreign.close()
            loop.stop()
            thread.join()
        }
    }

    @Test(
        "a prepared transaction of this database is waited for, and taken in its place",
        arguments: TestEngine.all.filter { $0.engine == .postgres })
    func ownPreparedTransaction(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.makeSeen()
            let (first, second) = (try await desk.ticket().id, try await desk.ticket().id)
            let name = "own_\(UInt32.random(in: 0...UInt32.max))"
            // Whatever becomes of the test, its rows must not stay locked.
            defer { try? PSQL.run("ROLLBACK PREPARED '\(name)'") }
            let prepare = "PREPARE TRANSACTION '\(name)'"
            try await desk.write { work in
                try await work.touch(first)
                try await work.db.script(prepare)
            }
            try await desk.write { work in try await work.touch(second) }
            let before = try await desk.seqs()
            let reader = LogReader("all", of: desk.desk) { work, event in try await work.note(event, "all") }
            for _ in 0..<200 {
                _ = try await reader.step()
                try await Task.sleep(for: .milliseconds(3))
            }
            #expect(try await desk.seen("all") == before.dropLast(), "the number that was drawn and not committed is not passed over")
            try PSQL.run("COMMIT PREPARED '\(name)'")
            try await desk.eventually {
                _ = try await reader.step()
                return try await desk.seen("all") == desk.seqs()
            }
            #expect(try await desk.seqs().count == before.count + 1)
        }
    }

    @Test("a node does not wait for another that is taking the same events", arguments: TestEngine.all.filter { $0.engine == .postgres })
    func claimed(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.makeSeen()
            _ = try await desk.ticket()
            let node = try Desk(desk.database, Rules(), desk.desk.outside, secret: Array("a secret for tests only".utf8))
            let (isHeld, mayEnd) = (Locked(false), Locked(false))
            let slow = LogReader("shared", of: desk.desk) { work, event in
                isHeld.withLock { $0 = true }
                while !mayEnd.withLock({ $0 }) { try await work.db.run("SELECT CAST(pg_sleep(0.01) AS text)") }
                try await work.note(event, "shared")
            }
            let other = LogReader("shared", of: node) { work, event in try await work.note(event, "shared") }
            async let first = slow.step()
            try await desk.eventually { isHeld.withLock { $0 } }
            // To wait would be to wait for what ends only after this.
            for _ in 0..<3 { #expect(try await other.step() == false) }
            mayEnd.withLock { $0 = true }
            _ = try await first
            try await other.finish()
            #expect(try await desk.seen("shared") == desk.seqs())
        }
    }

    @Test("how long a number has been missing is told", arguments: TestEngine.all.filter { $0.engine == .postgres })
    func gapAge(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let (first, second) = (try await desk.ticket().id, try await desk.ticket().id)
            try await desk.eventually { try await desk.desk.tail.advance(desk.desk) != nil }
            try await withThrowingTaskGroup(of: Void.self) { group in
                let drawn = try await desk.lastDrawn()
                group.addTask { try await desk.write { work in try await work.touch(first, dawdling: 3) } }
                try await desk.eventually { try await desk.lastDrawn() > drawn }
                try await desk.write { work in try await work.touch(second) }
                let seen = try await desk.desk.events(EventQuestion(), SliceRequest(), as: desk.admin)
                let all = try await desk.seqs()
                desk.clock.advance(seconds: 3)
                #expect(all.count == seen.items.count + 1 && desk.desk.logGapAge == 3000)
                try await group.waitForAll()
            }
            try await desk.eventually { try await desk.desk.tail.advance(desk.desk) == desk.seqs().last }
            #expect(try await desk.desk.events(EventQuestion(), SliceRequest(), as: desk.admin).items.map(\.seq) == desk.seqs())
            #expect(desk.desk.logGapAge == 0)
        }
    }
}

extension LogReader {
    /// Steps until there is nothing to do.
    fileprivate func finish() async throws {
        // A gap that was left by something undone takes a second look.
        for _ in 0..<3 {
            while try await step() {}
        }
    }
}

extension Work {
    fileprivate func note(_ event: Event, _ reader: String) async throws {
        let revision: Int? = if case .ticket(let ticket) = event.subject { ticket.tally.revision } else { nil }
        try await db.run(
            "INSERT INTO seen (reader, seq, ticket_id, revision) VALUES (\(reader), \(event.seq), \(event.ticket), \(revision))")
    }
}

extension TestDesk {
    fileprivate func makeSeen() async throws {
        let identity =
            database.engine == .postgres ? "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY" : "integer PRIMARY KEY AUTOINCREMENT"
        try await database.write { db in
            try await db.script(
                "CREATE TABLE seen (n \(identity), reader text NOT NULL, seq bigint NOT NULL, ticket_id uuid, revision bigint)")
        }
    }

    /// What a reader has seen, in the order in which it did.
    fileprivate func seen(_ reader: String) async throws -> [Int] {
        try await database.read { db in try await db.all("SELECT seq FROM seen WHERE reader = \(reader) ORDER BY n") { $0.int() } }
    }

    fileprivate func seqs() async throws -> [Int] {
        try await database.read { db in try await db.all("SELECT seq FROM events ORDER BY seq") { $0.int() } }
    }

    /// The last number that was drawn, by whomever. PostgreSQL's alone.
    fileprivate func lastDrawn() async throws -> Int {
        try await database.read { db in try await db.first("SELECT last_value FROM events_seq_seq") { $0.int() } } ?? 0
    }

    /// Whether the log tells of each ticket's changes in the order in which they were made.
    fileprivate func revisionsAreInOrder() async throws -> Bool {
        let rows = try await database.read { db in
            try await db.all("SELECT ticket_id, revision FROM seen WHERE ticket_id IS NOT NULL ORDER BY n") { ($0.uuid(), $0.int()) }
        }
        var last: [UInt128: Int] = [:]
        return rows.allSatisfy { ticket, revision in
            defer { last[ticket] = revision }
            return revision == last[ticket, default: 0] + 1
        }
    }

    /// Runs a reader on some nodes, and a client that polls, while `write` runs, and to the end; both have to see all there is.
    fileprivate func follow(
        _ name: String, on nodes: [Desk], while write: @escaping @Sendable () async throws -> Void
    ) async throws {
        let isOver = Locked(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for node in nodes {
                let reader = LogReader(name, of: node) { work, event in try await work.note(event, name) }
                group.addTask { try await run(reader, until: isOver) }
            }
            group.addTask { try await watch(until: isOver) }
            group.addTask {
                try await write()
                isOver.withLock { $0 = true }
            }
            try await group.waitForAll()
        }
        let (seen, all) = (try await seen(name), try await seqs())
        #expect(seen == all, "lost: \(Set(all).subtracting(seen).sorted()), of \(all.count)")
    }

    /// Waits for what other tests' transactions may hold up.
    fileprivate func eventually(_ holds: @Sendable () async throws -> Bool) async throws {
        for _ in 0..<20_000 {
            if try await holds() { return }
            try await Task.sleep(for: .milliseconds(3))
        }
        Issue.record("it came to no end")
    }

    /// Reads as a node does.
    private func run(_ reader: LogReader, until isOver: Locked<Bool>) async throws {
        for _ in 0..<20_000 {
            let wasOver = isOver.withLock { $0 }
            if try await reader.step() { continue }
            if wasOver, try await seen(reader.name).last == seqs().last { return }
            try await Task.sleep(for: .milliseconds(3))
        }
        Issue.record("the reader came to no end")
    }

    fileprivate func writeMany(_ writer: Int, _ tickets: [Ticket.ID]) async throws {
        for round in 0..<(writer == 12 ? 1 : 20) {
            let isUndone = (writer + round) % 10 == 0
            let pause = writer == 12 ? 1.2 : round % 5 == 0 ? 0.02 : 0
            do {
                try await write { work in
                    try await work.touch(tickets[writer % tickets.count], dawdling: pause)
                    if isUndone { throw DeskError.busy("undone") }
                }
            } catch DeskError.busy("undone") {
                continue
            }
        }
    }

    /// Reads as a client does that polls: from the last number it knows.
    fileprivate func watch(until isOver: Locked<Bool>) async throws {
        var question = EventQuestion()
        var known: [Int] = []
        for _ in 0..<20_000 {
            let wasOver = isOver.withLock { $0 }
            let ready = question
            let slice = try await desk.events(ready, SliceRequest(), as: admin)
            known += slice.items.map(\.seq)
            question.after = known.last ?? 0
            if !slice.items.isEmpty { continue }
            if wasOver, try await known.last == seqs().last { break }
            try await Task.sleep(for: .milliseconds(3))
        }
        let all = try await seqs()
        #expect(known == all, "lost: \(Set(all).subtracting(known).sorted()), of \(all.count)")
    }
}

extension Work {
    /// Changes a ticket and writes the event of it, so that its number is drawn; seconds pass before and after. SQLite has one writer,
    /// and none of this.
    fileprivate func touch(_ id: Ticket.ID, drawingAfter wait: Double = 0, dawdling pause: Double = 0) async throws {
        let before = try await db.ticketToChange(.id(id))
        var ticket = before
        ticket.advance(at: now)
        try await save(ticket, since: before)
        try await sleep(wait)
        record(.ticketUpdated, ticket, by: nil)
        // Not as the last statement: the transaction dawdles on.
        try await db.run(insertion)
        events = []
        try await sleep(pause)
    }

    private func sleep(_ seconds: Double) async throws {
        guard seconds > 0, db.engine == .postgres else { return }
        try await db.run("SELECT CAST(pg_sleep(\(seconds)) AS text)")
    }
}
