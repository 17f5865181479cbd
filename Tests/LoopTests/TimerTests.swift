import Glibc
import Testing

@testable import Loop

@Suite("Timers", .timeLimit(.minutes(1))) struct TimerTests {
    @Test("timers happen in the order of their times, not of their making")
    func order() async throws {
        try await onLoop { loop in
            let done = Record<UInt64>()
            for delay: UInt64 in [30, 10, 20, 0, 25] { loop.after(nanoseconds: delay * 1_000_000) { done.note(delay) } }
            await loop.sleep(milliseconds: 40)
            #expect(done.events == [0, 10, 20, 25, 30])
        }
    }

    @Test("a timer is never early, and wakes a loop that has nothing else")
    func notEarly() async throws {
        try await onLoop { loop in
            let start = MonotonicClock.now
            await loop.sleep(milliseconds: 5)
            #expect(MonotonicClock.now >= start + 5_000_000)
        }
    }

    @Test("a cancelled timer does not happen; to cancel it again, or too late, does nothing")
    func cancelled() async throws {
        try await onLoop { loop in
            let done = Record<Int>()
            let first = loop.after(nanoseconds: 1_000_000) { done.note(1) }
            let second = loop.after(nanoseconds: 1_000_000) { done.note(2) }
            second.cancel()
            second.cancel()
            await loop.sleep(milliseconds: 5)
            first.cancel()
            #expect(done.events == [1])
        }
    }

    @Test("a timer may cancel another that is due in the same tick")
    func cancelledByAnother() async throws {
        try await onLoop { loop in
            let done = Record<Int>()
            var second: LoopTimer?
            loop.after(nanoseconds: 0) {
                done.note(1)
                second?.cancel()
            }
            second = loop.after(nanoseconds: 1000) { done.note(2) }
            usleep(2000)
            await loop.sleep(milliseconds: 2)
            #expect(done.events == [1])
        }
    }

    @Test("a timer may add timers, which happen in a later tick")
    func added() async throws {
        try await onLoop { loop in
            let ticks = Record<UInt64>()
            let end = Latch()
            @Sendable func again(_ left: Int) {
                ticks.note(loop.figures.tickCount)
                if left == 0 { return end.happen() }
                loop.after(nanoseconds: 0) { again(left - 1) }
            }
            loop.after(nanoseconds: 0) { again(5) }
            await end.wait()
            #expect(ticks.events.count == 6)
            #expect(Set(ticks.events).count == 6)
        }
    }

    @Test("what a timer held is let go of when it has happened or was cancelled")
    func released() async throws {
        try await onLoop { loop in
            var thing: Thing? = Thing()
            weak let trace = thing
            let done = loop.after(nanoseconds: 0) { [thing] in _ = thing }
            let cancelled = loop.after(nanoseconds: 60_000_000_000) { [thing] in _ = thing }
            thing = nil
            cancelled.cancel()
            await loop.sleep(milliseconds: 1)
            #expect(trace == nil)
            withExtendedLifetime((done, cancelled)) {}
        }
    }

    @Test("timers that are left when the loop ends never happen, and what they held is let go of")
    func left() throws {
        let done = Record<Int>()
        var loop: EventLoop? = try EventLoop()
        weak let trace = loop
        let timer = loop?.after(nanoseconds: 60_000_000_000) { [loop] in
            done.note(1)
            loop?.stop()
        }
        loop?.stop()
        loop?.start(named: "test-loop").join()
        loop = nil
        #expect(trace == nil)
        #expect(done.events.isEmpty)
        withExtendedLifetime(timer) {}
    }

    @Test("the heap gives what is due, the earliest first, and keeps the rest", arguments: [1, 2, 63, 64, 65, 1000])
    func heap(count: Int) {
        var dice = SystemRandomNumberGenerator()
        let deadlines = (0..<count).map { _ in UInt64.random(in: 0..<500, using: &dice) }
        var heap = TimerHeap()
        for deadline in deadlines { heap.insert(LoopTimer(deadline: deadline) {}) }
        #expect(heap.earliest == deadlines.min())
        #expect(heap.takeDue(at: 250).map(\.deadline) == deadlines.filter { $0 <= 250 }.sorted())
        #expect(heap.earliest == deadlines.filter { $0 > 250 }.min())
        #expect(heap.takeDue(at: 500).map(\.deadline) == deadlines.filter { $0 > 250 }.sorted())
        #expect(heap.earliest == nil)
    }

    @Test("cancelled timers do not pile up, and the living ones keep their order")
    func pile() {
        var heap = TimerHeap()
        var living: [UInt64] = []
        for number in 0..<10_000 as Range<UInt64> {
            let deadline = 20_000 - number
            let timer = LoopTimer(deadline: deadline) {}
            heap.insert(timer)
            if number % 100 == 0 { living.append(deadline) } else { timer.cancel() }
        }
        let left = heap.takeDue(at: .max)
        #expect(left.count < 1000)
        #expect(left.filter { !$0.isCancelled }.map(\.deadline) == living.sorted())
    }
}

private final class Thing {}
