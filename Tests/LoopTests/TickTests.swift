import Testing

@testable import Loop

@Suite("The end of a tick", .timeLimit(.minutes(1))) struct TickTests {
    @Test("what many jobs of one tick wrote is flushed once, after all of them")
    func once() async throws {
        try await onLoop { loop in
            let pile = Pile(loop)
            let shared = OfLoop(pile)
            for number in 0..<5 { loop.submit { shared.value.add(number) } }
            await loop.turn()
            #expect(pile.flushed == [[0, 1, 2, 3, 4]])
            pile.add(5)
            await loop.turn()
            #expect(pile.flushed == [[0, 1, 2, 3, 4], [5]])
        }
    }

    @Test("what a task writes after it was resumed in a tick goes out in that tick too")
    func resumed() async throws {
        try await onLoop { loop in
            let pile = Pile(loop)
            let shared = OfLoop(pile)
            let latch = Latch()
            let tasks = (0..<3).map { number in
                loop.spawn {
                    await latch.wait()
                    shared.value.add(number)
                }
            }
            await loop.turn()
            loop.submit {
                shared.value.add(10)
                latch.happen()
            }
            for task in tasks { await task.value }
            await loop.turn()
            #expect(pile.flushed == [[10, 0, 1, 2]])
        }
    }

    @Test("a flush that asks for another gets it in the next tick, though nothing else wakes the loop")
    func renewed() async throws {
        try await onLoop { loop in
            let before = loop.figures.tickCount
            let end = Latch()
            let stubborn = Stubborn(loop, times: 5, end)
            loop.flushAtEndOfTick(stubborn)
            await end.wait()
            #expect(stubborn.count == 5)
            #expect(loop.figures.tickCount >= before + 4)
        }
    }

    @Test("the last tick flushes what it wrote, and what that wrote")
    func last() throws {
        let loop = try EventLoop()
        let stubborn = Stubborn(loop, times: 3, Latch())
        loop.flushAtEndOfTick(stubborn)
        loop.stop()
        loop.start(named: "test-loop").join()
        #expect(stubborn.count == 3)
    }
}

/// A connection's way to write: gathers, and asks for one flush.
private final class Pile: Flushable {
    private let loop: EventLoop
    private var waiting: [Int] = []
    private(set) var flushed: [[Int]] = []

    init(_ loop: EventLoop) { self.loop = loop }

    func add(_ number: Int) {
        if waiting.isEmpty { loop.flushAtEndOfTick(self) }
        waiting.append(number)
    }

    func flush() {
        flushed.append(waiting)
        waiting = []
    }
}

private final class Stubborn: Flushable {
    private let loop: EventLoop
    private let times: Int
    private let end: Latch
    private(set) var count = 0

    init(_ loop: EventLoop, times: Int, _ end: Latch) {
        self.loop = loop
        self.times = times
        self.end = end
    }

    func flush() {
        count += 1
        if count < times { loop.flushAtEndOfTick(self) } else { end.happen() }
    }
}

/// Something of a loop's, carried to work that the same loop runs.
//
// `@unchecked Sendable`: the tests make it on the loop and touch it there alone.
struct OfLoop<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}
