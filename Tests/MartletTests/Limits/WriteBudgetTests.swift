import Domain
import HTTP
import Loop
import Testing

@testable import API

@Suite("What one person may write in an hour") struct WriteBudgetTests {
    private let clock = Locked(7_200_000)

    private func budget(_ megabytes: Int) -> WriteBudget { WriteBudget(megabytes: megabytes) { [clock] in clock.withLock { $0 } } }

    private func caller(_ number: UInt128) -> Caller {
        Caller(id: Person.ID(number), label: "\(number)", name: "Anna", email: nil, role: .customer)
    }

    @Test("is refused once it is used up, until the next hour begins") func hour() throws {
        let (budget, anna, ben) = (budget(1), caller(1), caller(2))
        for _ in 0..<4 { try budget.take(256 * 1024, by: anna) }
        clock.withLock { $0 += 600_000 }
        let refusal = #expect(throws: Refusal.self) { try budget.take(1, by: anna) }
        #expect(refusal?.status == .tooManyRequests && refusal?.fields.first?.value == "3000")
        try budget.take(1, by: ben)
        clock.withLock { $0 += 3_000_000 }
        try budget.take(1, by: anna)
    }

    @Test("counts what an answer shows to have been kept") func answers() throws {
        let (budget, anna) = (budget(1), caller(1))
        let share = try #require(budget.share(of: anna))
        try share.came(1000)
        share.answered(1 << 20)
        #expect(throws: Refusal.self) { try share.came(1) }
    }

    @Test("cannot be made to wrap around") func overflow() throws {
        let (budget, anna) = (budget(1), caller(1))
        for _ in 0..<3 { budget.add(.max, by: anna) }
        #expect(throws: Refusal.self) { try budget.take(0, by: anna) }
    }

    @Test("of zero is none") func none() throws {
        let (budget, anna) = (budget(0), caller(1))
        for _ in 0..<3 { try budget.take(.max, by: anna) }
        #expect(budget.share(of: anna) == nil)
    }
}

@Suite("Counts by periods of the clock") struct PeriodCountsTests {
    @Test("beyond the room there is, keys share counters, and nobody gets more than their share") func room() {
        let counts = PeriodCounts(of: PeriodCounts.minute, mostKeys: 10)
        for number in 0..<10 { #expect(counts.count("\(number)", at: 0) == 1) }
        for _ in 0..<5 { counts.count("another", at: 0) }
        #expect(counts.count("another", at: 59_999) >= 6)
        #expect(counts.count("3", at: 0) == 2)
        #expect(counts.count("another", at: 60_000) == 1)
    }

    @Test("say how long theirs lasts") func left() {
        #expect(PeriodCounts(of: PeriodCounts.minute).secondsLeft(at: 61_000) == 59)
        #expect(PeriodCounts(of: PeriodCounts.hour).secondsLeft(at: 3_600_000) == 3600)
        #expect(PeriodCounts(of: PeriodCounts.hour).secondsLeft(at: 7_199_999) == 1)
    }
}
