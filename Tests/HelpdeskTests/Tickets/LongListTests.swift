import Domain
import Helpdesk
import TestEngines
import Testing

@Suite("Lists for clients that know no pages") struct LongListTests {
    @Test("they are as long as is asked for, up to a thousand, and begin where is said", arguments: TestEngine.all)
    func lengths(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let count = 130
            for _ in 0..<count { _ = try await desk.ticket() }
            for (limit, offset) in [(1, 0), (20, 0), (50, 3), (100, 0), (101, 0), (1000, 0), (1000, 125), (5, count)] {
                for caller in [desk.customer, desk.agent] {
                    let slice = {
                        var slice = SliceRequest()
                        (slice.limit, slice.offset) = (limit, offset)
                        return slice
                    }()
                    let found = try await desk.read { look in try await look.tickets(TicketFilter(), slice, as: caller) }
                    let expected = (1...count).reversed().dropFirst(offset).prefix(limit)
                    #expect(found.items.map(\.number) == Array(expected), "\(limit) behind \(offset)")
                }
            }
        }
    }
}
