import Loop
import Testing

@testable import martlet

@Suite("Chores", .timeLimit(.minutes(1))) struct ChoreTests {
    /// A clock that is an hour further at each look, and set once.
    private func turns(deletes: Bool, setBy jump: Int64) async throws -> (done: [Int], lines: Int) {
        let loop = try EventLoop()
        let thread = loop.start(named: "test-loop")
        defer {
            loop.stop()
            thread.join()
        }
        let (looks, done, lines) = (Locked(0), Locked<[Int]>([]), Locked(0))
        let log = Log(level: .warn, format: .json, now: { 0 }, submit: { _ in lines.withLock { $0 += 1 } })
        let clock: @Sendable () -> (wall: Int64, counted: UInt64) = {
            let look = looks.withLock { look in
                look += 1
                return look
            }
            return (wall: Int64(look) * 3_600_000 + (look >= 3 ? jump : 0), counted: UInt64(look) * 3_600_000_000_000)
        }
        let chore = Chore("delete what is old", every: 0, deletes: deletes, on: loop, log, clock: clock) {
            looks.withLock { [deletes] look in
                if !deletes { look += 1 }
                done.withLock { $0.append(look) }
            }
        }
        let service = loop.spawn { try? await chore.run() }
        while looks.withLock({ $0 }) < 6 { try await Task.sleep(for: .milliseconds(1)) }
        service.cancel()
        await service.value
        return (done.withLock { Array($0.filter { $0 <= 5 }) }, lines.withLock { $0 })
    }

    @Test(
        "one that deletes skips the turn after the clock was set, forward or back, and says so",
        arguments: [Int64(7_200_000), -7_200_000, 31_536_000_000])
    func skips(jump: Int64) async throws {
        let turns = try await turns(deletes: true, setBy: jump)
        #expect(turns.done == [1, 2, 4, 5] && turns.lines == 1)
    }

    @Test("a clock that is corrected by less than an hour makes no difference", arguments: [Int64(0), 3_000_000, -3_000_000])
    func small(jump: Int64) async throws {
        let turns = try await turns(deletes: true, setBy: jump)
        #expect(turns.done == [1, 2, 3, 4, 5] && turns.lines == 0)
    }

    @Test("one that deletes nothing does not look at the clock")
    func others() async throws {
        let turns = try await turns(deletes: false, setBy: 31_536_000_000)
        #expect(turns.done == [1, 2, 3, 4, 5] && turns.lines == 0)
    }
}
