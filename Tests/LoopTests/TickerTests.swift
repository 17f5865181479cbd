import Testing

@testable import Loop

@Suite("A ticker", .timeLimit(.minutes(1))) struct TickerTests {
    @Test("it looks again and again, and not any more once it is stopped")
    func looks() async throws {
        let looks = Record<Int>()
        let ticker = Ticker(named: "ticker") {
            looks.note(1)
            return 1
        }
        while looks.events.count < 5 { try await Task.sleep(for: .milliseconds(1)) }
        ticker.stop()
        let count = looks.events.count
        try await Task.sleep(for: .milliseconds(20))
        #expect(looks.events.count == count)
    }

    @Test("a stop ends its longest pause")
    func stop() async throws {
        let looks = Record<Int>()
        let ticker = Ticker(named: "ticker") {
            looks.note(1)
            return 3_600_000
        }
        while looks.events.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        ticker.stop()
        ticker.stop()
        #expect(looks.events.count == 1)
    }
}
