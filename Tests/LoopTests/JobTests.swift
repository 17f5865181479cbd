import Glibc
import Testing

@testable import Loop

@Suite("Jobs of a loop", .timeLimit(.minutes(1))) struct JobTests {
    @Test("a task begins on its loop's thread, and nobody else is on it")
    func begin() async throws {
        try await onLoop { loop in
            #expect(loop.isCurrent)
            let elsewhere = Record<Bool>()
            Thread(named: "other") { elsewhere.note(loop.isCurrent) }.join()
            #expect(elsewhere.events == [false])
        }
    }

    @Test("a task comes back to its loop when another thread resumes it")
    func resumedElsewhere() async throws {
        try await onLoop { loop in
            let before = loop.figures.tickCount
            let threads = Record<Thread>()
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                let thread = Thread(named: "other") {
                    // A tick that ended says that the task has really been put aside.
                    while loop.figures.tickCount == before { sched_yield() }
                    continuation.resume()
                }
                threads.note(thread)
            }
            #expect(loop.isCurrent)
            for thread in threads.events { thread.join() }
        }
    }

    @Test("a task comes back to its loop from the blocking pool")
    func fromPool() async throws {
        let pool = BlockingPool(threads: 1, bound: 1)
        defer { pool.stop() }
        try await onLoop { loop in
            let wasOnLoop = try await pool.run { loop.isCurrent }
            #expect(!wasOnLoop)
            #expect(loop.isCurrent)
            await #expect(throws: Mishap(number: 7)) { try await pool.run { throw Mishap(number: 7) } }
            #expect(loop.isCurrent)
        }
    }

    @Test("a task comes back to its loop from a lane")
    func fromLane() async throws {
        let lane = Lane(named: "lane")
        defer { lane.stop() }
        try await onLoop { loop in
            let wasOnLoop = await lane.run { loop.isCurrent }
            #expect(!wasOnLoop)
            #expect(loop.isCurrent)
        }
    }

    @Test("children, yields and default actors stay on the loop")
    func children() async throws {
        try await onLoop { loop in
            await Task.yield()
            #expect(loop.isCurrent)
            async let child = loop.isCurrent
            #expect(await child)
            let members = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        await Task.yield()
                        return loop.isCurrent
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(members == Array(repeating: true, count: 10))
            #expect(await Bystander().isOn(loop))
            #expect(loop.isCurrent)
        }
    }

    @Test("an actor may live on a loop")
    func actor() async throws {
        let loop = try EventLoop()
        let thread = loop.start(named: "test-loop")
        defer {
            loop.stop()
            thread.join()
        }
        #expect(await Resident(loop).isHome())
    }

    @Test("work from another thread runs in the order in which it was handed over")
    func order() async throws {
        try await onLoop { loop in
            let done = Record<Int>()
            let end = Latch()
            let thread = Thread(named: "other") {
                for number in 0..<1000 { loop.submit { done.note(number) } }
                loop.submit { end.happen() }
            }
            await end.wait()
            #expect(done.events == Array(0..<1000))
            thread.join()
        }
    }

    @Test("work from many threads at once all runs, each thread's own in order")
    func manySubmitters() async throws {
        try await onLoop { loop in
            let done = Record<[Int]>()
            let rest = Locked(8)
            let end = Latch()
            let threads = (0..<8).map { member in
                Thread(named: "other-\(member)") {
                    for number in 0..<1000 { loop.submit { done.note([member, number]) } }
                    loop.submit {
                        if rest.withLock({
                            $0 -= 1; return $0 == 0
                        }) {
                            end.happen()
                        }
                    }
                }
            }
            await end.wait()
            for thread in threads { thread.join() }
            #expect(done.events.count == 8000)
            for member in 0..<8 { #expect(done.events.filter { $0[0] == member }.map { $0[1] } == Array(0..<1000)) }
        }
    }

    @Test("what was handed over before the stop still runs, also what that hands over itself")
    func stop() throws {
        let loop = try EventLoop()
        let done = Record<Int>()
        for number in 0..<100 { loop.submit { done.note(number) } }
        let task = loop.spawn {
            await Task.yield()
            done.note(100)
        }
        loop.stop()
        loop.start(named: "test-loop").join()
        #expect(done.events == Array(0...100))
        _ = task
    }

    @Test("a loop whose thread has ended may turn again")
    func again() throws {
        let loop = try EventLoop()
        loop.stop()
        loop.start(named: "test-loop").join()
        #expect(!loop.isCurrent)
        let done = Record<Int>()
        loop.submit { done.note(1) }
        loop.start(named: "test-loop").join()
        #expect(done.events == [1])
    }

    @Test("tasks that feed each other do not starve timers")
    func fairness() async throws {
        try await onLoop { loop in
            let isOver = Locked(false)
            loop.after(nanoseconds: 1_000_000) { isOver.withLock { $0 = true } }
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask { while !isOver.withLock({ $0 }) { await Task.yield() } }
                }
            }
            #expect(isOver.withLock { $0 })
        }
    }

    @Test("a loop counts its ticks, and remembers the longest until it is asked")
    func figures() async throws {
        try await onLoop { loop in
            await loop.turn()
            let ticks = loop.figures.tickCount
            let busy = loop.figures.busyNanoseconds
            usleep(5000)
            await loop.turn(1)
            #expect(loop.figures.tickCount > ticks)
            #expect(loop.figures.busyNanoseconds >= busy + 5_000_000)
            #expect(loop.figures.takeLongestTick() >= 5_000_000)
            #expect(loop.figures.takeLongestTick() == 0)
        }
    }
}

private actor Bystander {
    func isOn(_ loop: EventLoop) -> Bool { loop.isCurrent }
}

private actor Resident {
    private let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(_ loop: EventLoop) { self.loop = loop }

    func isHome() -> Bool { loop.isCurrent }
}
