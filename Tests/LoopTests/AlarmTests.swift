import Loop
import Testing

private let long: UInt64 = 3600 * 1_000_000_000

@Suite("Alarms") struct AlarmTests {
    @Test("let a sleep end at its time") func time() async throws {
        try await onLoop { loop in
            let start = MonotonicClock.now
            await Alarm(on: loop).sleep(nanoseconds: 20_000_000)
            #expect(MonotonicClock.now - start >= 20_000_000)
            await Alarm(on: loop).sleep(nanoseconds: 0)
        }
    }

    @Test("end a sleep when they ring, from any thread") func ring() async throws {
        try await onLoop { loop in
            let alarm = Alarm(on: loop)
            let sleeper = Task(executorPreference: loop) { await alarm.sleep(nanoseconds: long) }
            await loop.turn()
            let thread = Thread(named: "test-ring") { alarm.ring() }
            await sleeper.value
            thread.join()
        }
    }

    @Test("that rang before end the next sleep, once however often") func before() async throws {
        try await onLoop { loop in
            let alarm = Alarm(on: loop)
            alarm.ring()
            alarm.ring()
            await alarm.sleep(nanoseconds: long)
            let start = MonotonicClock.now
            await alarm.sleep(nanoseconds: 20_000_000)
            #expect(MonotonicClock.now - start >= 20_000_000)
        }
    }

    @Test("keep no sleeper whose task is cancelled, before or after it fell asleep") func cancel() async throws {
        try await onLoop { loop in
            let alarm = Alarm(on: loop)
            let sleeper = Task(executorPreference: loop) { await alarm.sleep(nanoseconds: long) }
            await loop.turn()
            sleeper.cancel()
            await sleeper.value
            let other = Task(executorPreference: loop) { await alarm.sleep(nanoseconds: long) }
            other.cancel()
            await other.value
        }
    }

    @Test("keep the time of a short sleep behind a long one that was cut, and the other way round") func shortAndLong() async throws {
        try await onLoop { loop in
            let alarm = Alarm(on: loop)
            for _ in 0..<100 {
                alarm.ring()
                await alarm.sleep(nanoseconds: long)
            }
            let sleeper = Task(executorPreference: loop) { await alarm.sleep(nanoseconds: long) }
            await loop.turn()
            alarm.ring()
            await sleeper.value
            await alarm.sleep(nanoseconds: 5_000_000)
            let cut = Task(executorPreference: loop) { await alarm.sleep(nanoseconds: 5_000_000) }
            await loop.turn()
            alarm.ring()
            await cut.value
            // The ring may have come after the sleep's own end; then it is still to be heard.
            alarm.ring()
            await alarm.sleep(nanoseconds: long)
            let start = MonotonicClock.now
            await alarm.sleep(nanoseconds: 30_000_000)
            #expect(MonotonicClock.now - start >= 30_000_000)
        }
    }

    @Test("of another loop serve too, and the sleeper comes back to its own") func elsewhere() async throws {
        try await onLoop { loop in
            try await onLoop { other in
                await Alarm(on: loop).sleep(nanoseconds: 5_000_000)
                #expect(other.isCurrent)
            }
        }
    }
}
