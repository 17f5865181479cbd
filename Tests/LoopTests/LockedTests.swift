import Testing

@testable import Loop

@Suite("Locked values", .timeLimit(.minutes(1))) struct LockedTests {
    @Test("many threads change a value, and no change is lost")
    func contended() {
        let value = Locked(0)
        let threads = (0..<8).map { number in
            Thread(named: "adder-\(number)") { for _ in 0..<10_000 { value.withLock { $0 += 1 } } }
        }
        for thread in threads { thread.join() }
        #expect(value.withLock { $0 } == 80_000)
    }

    @Test("an error passes through with its type, and the lock is free afterwards")
    func fault() {
        let value = Locked(1)
        do throws(Mishap) {
            try value.withLock { value throws(Mishap) in
                value = 2
                throw Mishap(number: value)
            }
            Issue.record("nothing was thrown")
        } catch {
            #expect(error == Mishap(number: 2))
        }
        #expect(value.withLock { $0 } == 2)
    }

    @Test("a sleeper sleeps until the value has what it needs, and gets it")
    func wait() {
        let value = Locked<[Int]>([])
        let filled = Condition()
        let taken = Record<Int>()
        let taker = Thread(named: "taker") {
            for _ in 0..<100 { taken.note(value.wait(on: filled) { $0.isEmpty ? nil : $0.removeFirst() }) }
        }
        for number in 0..<100 {
            value.withLock { $0.append(number) }
            filled.signal()
        }
        taker.join()
        #expect(taken.events == Array(0..<100))
    }

    @Test("every sleeper is woken when all are signalled")
    func all() {
        let isOpen = Locked(false)
        let opened = Condition()
        let threads = (0..<5).map { number in
            Thread(named: "sleeper-\(number)") { isOpen.wait(on: opened) { $0 ? () : nil } }
        }
        isOpen.withLock { $0 = true }
        opened.signalAll()
        for thread in threads { thread.join() }
    }
}
