import Domain
import Testing

@testable import Helpdesk

@Suite("Gaps in the log") struct LogGapsTests {
    private let now = Moment(1000)

    private func sight(_ seqs: [Int], oldest: Int) -> LogGaps.Sight { LogGaps.Sight(seqs: seqs, oldest: oldest) }

    @Test("rows without a gap are taken at once, whoever else is writing")
    func contiguous() {
        var gaps = LogGaps(after: 4)
        #expect(gaps.take(sight([5, 6, 7], oldest: 90), at: now) == 3)
        #expect(gaps.position == 7 && gaps.age(at: now) == nil && gaps.unmarked == nil)
        #expect(gaps.take(sight([], oldest: 90), at: now) == 0)
    }

    @Test("a missing number stops the reader as long as who may have drawn it still runs")
    func stops() throws {
        var gaps = LogGaps(after: 4)
        #expect(gaps.take(sight([5, 7, 8], oldest: 100), at: now) == 1)
        #expect(gaps.take(sight([7, 8], oldest: 200), at: now) == 0, "nothing is known without a mark")
        gaps.mark(try #require(gaps.unmarked), 105)
        #expect(gaps.take(sight([7, 8, 9], oldest: 104), at: Moment(1200)) == 0)
        #expect(gaps.position == 5 && gaps.age(at: Moment(1500)) == 500 && gaps.unmarked == nil)
    }

    @Test("what comes late is taken in its place")
    func late() {
        var gaps = LogGaps(after: 4)
        _ = gaps.take(sight([6], oldest: 100), at: now)
        #expect(gaps.take(sight([5, 6], oldest: 101), at: now) == 2)
        #expect(gaps.position == 6 && gaps.age(at: now) == nil && gaps.unmarked == nil)
    }

    @Test("what was undone is passed over once everybody of then has ended, and not before")
    func undone() throws {
        var gaps = LogGaps(after: 4)
        #expect(gaps.take(sight([6, 7], oldest: 100), at: now) == 0)
        gaps.mark(try #require(gaps.unmarked), 105)
        #expect(gaps.take(sight([6, 7], oldest: 104), at: now) == 0)
        #expect(gaps.take(sight([6, 7], oldest: 105), at: now) == 2)
        #expect(gaps.position == 7 && gaps.age(at: now) == nil)
    }

    @Test("a gap that was seen later has to wait for those who run later")
    func laterGap() throws {
        var gaps = LogGaps(after: 4)
        #expect(gaps.take(sight([6], oldest: 100), at: now) == 0)
        gaps.mark(try #require(gaps.unmarked), 105)
        // 5 is settled with that sight, but 7 was not known to be missing when 105 was drawn.
        #expect(gaps.take(sight([6, 8], oldest: 105), at: now) == 1)
        #expect(gaps.position == 6)
        gaps.mark(try #require(gaps.unmarked), 110)
        #expect(gaps.take(sight([8], oldest: 109), at: now) == 0)
        #expect(gaps.take(sight([8], oldest: 110), at: now) == 1)
        #expect(gaps.position == 8)
    }

    @Test("a mark is of the gap that it was drawn for, and of no later one")
    func marks() throws {
        var gaps = LogGaps(after: 0)
        _ = gaps.take(sight([2], oldest: 50), at: now)
        let first = try #require(gaps.unmarked)
        _ = gaps.take(sight([1, 2, 4], oldest: 50), at: now)
        gaps.mark(first, 50)
        #expect(gaps.take(sight([4], oldest: 60), at: now) == 0)
        #expect(gaps.position == 2 && gaps.unmarked != nil)
    }

    @Test("what another has read meanwhile counts as read, and a stale sight takes nothing back")
    func stale() {
        var gaps = LogGaps(after: 0)
        #expect(gaps.take(sight([1, 2, 3], oldest: 50), at: now) == 3)
        #expect(gaps.take(sight([1, 2], oldest: 40), at: now) == 2)
        #expect(gaps.position == 3)
    }

    @Test("with one writer nothing is waited for")
    func oneWriter() {
        var gaps = LogGaps(after: 0)
        #expect(gaps.take(LogGaps.Sight(seqs: [2, 5, 9], oldest: nil), at: now) == 3)
        #expect(gaps.position == 9)
    }

    @Test("whatever is interleaved, nothing that commits is lost, and nothing is taken out of order")
    func interleaved() {
        var random = SeededRandom(state: 42)
        for _ in 0..<300 {
            var log = SimulatedLog(random)
            var gaps = LogGaps(after: 0)
            var taken: [Int] = []
            for round in 0..<600 {
                if round < 200 { log.move() } else if round == 200 { log.endAll() }
                // One look at a time, of one to six rows; its mark is drawn a little later.
                let sight = log.sight(after: gaps.position, atMost: 1 + Int(log.random.next() % 6))
                taken += sight.seqs.prefix(gaps.take(sight, at: now))
                guard let gap = gaps.unmarked else { continue }
                for _ in 0..<log.random.next() % 3 where round < 200 { log.move() }
                gaps.mark(gap, log.mark())
            }
            #expect(taken == log.committed.sorted())
            random = log.random
        }
    }
}

/// Numbers by chance that is always the same.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}

/// A log with several writers, as PostgreSQL keeps it: a transaction begins, draws a number, and ends or is undone.
private struct SimulatedLog {
    var random: SeededRandom
    var committed: Set<Int> = []
    /// Transactions under way, with the numbers that they have drawn.
    private var running: [Int: [Int]] = [:]
    private var nextTransaction = 100
    private var nextSeq = 1
    private var lastEnded = 99

    init(_ random: SeededRandom) { self.random = random }

    mutating func move() {
        let one = running.keys.sorted().randomElement(using: &random)
        switch random.next() % 4 {
        case 0 where running.count < 5:
            running[nextTransaction] = []
            nextTransaction += 1
        case 1, 2:
            guard let one else { return }
            running[one]?.append(nextSeq)
            nextSeq += 1
        default:
            guard let one else { return }
            end(one, isUndone: random.next() % 4 == 0)
        }
    }

    mutating func endAll() {
        for one in running.keys { end(one, isUndone: false) }
    }

    private mutating func end(_ one: Int, isUndone: Bool) {
        let drawn = running.removeValue(forKey: one) ?? []
        lastEnded = max(lastEnded, one)
        if !isUndone { committed.formUnion(drawn) }
    }

    /// A transaction that begins and ends.
    mutating func mark() -> Int {
        defer { nextTransaction += 1 }
        lastEnded = nextTransaction
        return nextTransaction
    }

    /// A snapshot reaches to the last transaction that has ended: those that run behind it are not looked at.
    func sight(after position: Int, atMost most: Int) -> LogGaps.Sight {
        LogGaps.Sight(
            seqs: Array(committed.filter { $0 > position }.sorted().prefix(most)),
            oldest: running.keys.filter { $0 <= lastEnded }.min() ?? lastEnded + 1)
    }
}
