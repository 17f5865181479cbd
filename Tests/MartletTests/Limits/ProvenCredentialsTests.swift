import Testing

@testable import API

@Suite("Credentials that were good") struct ProvenCredentialsTests {
    @Test("are known until they end") func known() {
        let proven = ProvenCredentials()
        proven.insert([1, 2])
        #expect(proven.contains([1, 2]) && !proven.contains([2, 1]))
        #expect(proven.remove([1, 2]) && !proven.remove([1, 2]) && !proven.contains([1, 2]))
    }

    @Test("are forgotten half by half, the older first") func forgotten() {
        let proven = ProvenCredentials(mostInHalf: 2)
        for number in UInt8(1)...3 { proven.insert([number]) }
        #expect((1...3).allSatisfy { proven.contains([UInt8($0)]) })
        proven.insert([4])
        #expect(!proven.contains([1]) && !proven.contains([2]) && proven.contains([3]) && proven.contains([4]))
    }
}

@Suite("Sums of a minute") struct PeriodSumsTests {
    @Test("are told without being counted") func sum() {
        let counts = PeriodCounts(of: PeriodCounts.minute, mostKeys: 1)
        #expect(counts.sum(of: "a", at: 0) == 0)
        _ = counts.count("a", at: 0)
        _ = counts.count("a", at: 1)
        #expect(counts.sum(of: "a", at: 59_999) == 2)
        #expect(counts.sum(of: "a", at: 60_000) == 0)
    }

    @Test("are told where a key found no room of its own") func shared() {
        let counts = PeriodCounts(of: PeriodCounts.minute, mostKeys: 1)
        _ = counts.count("a", at: 0)
        for _ in 1...3 { _ = counts.count("b", at: 0) }
        #expect(counts.sum(of: "b", at: 0) == 3)
    }
}
