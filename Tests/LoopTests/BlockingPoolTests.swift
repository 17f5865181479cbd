import Testing

@testable import Loop

@Suite("The blocking pool", .timeLimit(.minutes(1))) struct BlockingPoolTests {
    @Test("the pool gives back what its work returns or throws")
    func result() async throws {
        let pool = BlockingPool(threads: 2, bound: 4)
        defer { pool.stop() }
        #expect(try await pool.run { 6 * 7 } == 42)
        await #expect(throws: Mishap(number: 1)) { try await pool.run { throw Mishap(number: 1) } }
        #expect(try await pool.run { "still here" } == "still here")
    }

    @Test("its threads work at the same time")
    func side() throws {
        let pool = BlockingPool(threads: 2, bound: 4)
        defer { pool.stop() }
        let gate = Gate()
        for _ in 0..<2 { #expect(pool.submit { gate.pass() }) }
        gate.waitForVisitors(2)
        gate.open()
    }

    @Test("as much waits as the bound says; more is refused and not run")
    func bound() async throws {
        let pool = BlockingPool(threads: 1, bound: 2)
        let gate = Gate()
        let done = Record<Int>()
        #expect(pool.submit { gate.pass() })
        gate.waitForVisitors()
        for number in 0..<2 { #expect(pool.submit { done.note(number) }) }
        #expect(pool.waiting == 2)
        #expect(!pool.submit { done.note(2) })
        await #expect(throws: BlockingPool.Full.self) { try await pool.run { done.note(3) } }
        gate.open()
        pool.stop()
        #expect(done.events == [0, 1])
        #expect(pool.waiting == 0)
    }

    @Test("what can be done without is run when a thread is free, and refused when it would have to wait")
    func free() async throws {
        let pool = BlockingPool(threads: 2, bound: 10)
        defer { pool.stop() }
        let gate = Gate()
        #expect(pool.submit { gate.pass() })
        gate.waitForVisitors()
        #expect(await pool.runIfFree { 42 } == 42)
        #expect(pool.submit { gate.pass() })
        gate.waitForVisitors(2)
        #expect(await pool.runIfFree { 42 } == nil)
        gate.open()
    }

    @Test("a stop lets what waits run, and refuses what comes then")
    func stop() async {
        let pool = BlockingPool(threads: 2, bound: 100)
        let gate = Gate()
        let done = Record<Int>()
        for _ in 0..<2 { _ = pool.submit { gate.pass() } }
        gate.waitForVisitors(2)
        for number in 0..<50 { #expect(pool.submit { done.note(number) }) }
        gate.open()
        pool.stop()
        #expect(done.events.sorted() == Array(0..<50))
        #expect(!pool.submit { done.note(50) })
        await #expect(throws: BlockingPool.Full.self) { try await pool.run {} }
    }

    @Test("what has run is let go of while more is waiting")
    func released() {
        let pool = BlockingPool(threads: 1, bound: 10)
        let gates = [Gate(), Gate()]
        let record = Record<String>()
        let work = {
            let thing = Thing(record)
            return { @Sendable () -> Void in thing.touch() }
        }
        #expect(pool.submit { gates[0].pass() })
        gates[0].waitForVisitors()
        #expect(pool.submit(work()))
        #expect(pool.submit { gates[1].pass() })
        #expect(pool.submit {})
        gates[0].open()
        gates[1].waitForVisitors()
        #expect(pool.waiting == 1)
        #expect(record.events == ["touched", "gone"])
        gates[1].open()
        pool.stop()
    }
}

/// Something that a piece of work holds.
private final class Thing: Sendable {
    private let record: Record<String>

    init(_ record: Record<String>) { self.record = record }
    deinit { record.note("gone") }

    func touch() { record.note("touched") }
}
