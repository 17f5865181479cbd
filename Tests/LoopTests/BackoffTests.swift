import Testing

@testable import Loop

@Suite("Pauses between attempts to connect") struct BackoffTests {
    @Test(
        "the first attempt is made at once, later ones after ever longer pauses, and none is longer than was said",
        arguments: [(500, [0, 50, 100, 200, 400, 500, 500, 500]), (1000, [0, 50, 100, 200, 400, 800, 1000, 1000])] as [(UInt64, [UInt64])])
    func pauses(longest: UInt64, expected: [UInt64]) {
        var backoff = Backoff(longest: longest * 1_000_000)
        var generator = Highest()
        #expect((0..<8).map { _ in backoff.next(using: &generator) / 1_000_000 } == expected)
        backoff.reset()
        #expect(backoff.next(using: &generator) == 0)
    }

    @Test("pauses are spread, but never below their half")
    func jitter() {
        let longest: UInt64 = 500_000_000
        var random = SystemRandomNumberGenerator()
        var seen: Set<UInt64> = []
        for _ in 0..<200 {
            var backoff = Backoff(longest: longest)
            for _ in 0..<6 { _ = backoff.next(using: &random) }
            let pause = backoff.next(using: &random)
            #expect((longest / 2...longest).contains(pause))
            seen.insert(pause)
        }
        #expect(seen.count > 100)
    }
}

/// Randomness that always draws the highest.
private struct Highest: RandomNumberGenerator {
    func next() -> UInt64 { .max }
}
