import Domain
import Loop
import Storage
import Testing

@testable import Helpdesk

@Suite("The gate of searches", .timeLimit(.minutes(1))) struct SearchGateTests {
    @Test("somebody who searches a lot has one search running, and others are let in at once")
    func turns() async throws {
        let gate = SearchGate(most: 2, waiting: 64, waitingEach: 16)
        let later = ContinuousClock.now.advanced(by: .seconds(600))
        let (running, most, refused, mayEnd) = (Locked(0), Locked(0), Locked(0), Locked(false))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    do {
                        try await gate.pass(for: .person(1), until: later) {
                            let now = running.withLock { count in
                                count += 1
                                return count
                            }
                            most.withLock { $0 = max($0, now) }
                            while !mayEnd.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
                            running.withLock { $0 -= 1 }
                        }
                    } catch is DeskError {
                        refused.withLock { $0 += 1 }
                    }
                }
            }
            while refused.withLock({ $0 }) < 23 { try await Task.sleep(for: .milliseconds(1)) }
            for person in 2...6 { #expect(try await gate.pass(for: .person(UInt128(person)), until: later) { person } == person) }
            mayEnd.withLock { $0 = true }
            try await group.waitForAll()
        }
        #expect(most.withLock { $0 } == 1 && refused.withLock { $0 } == 23)
    }

    @Test("those whose time is over while they wait are told when the next search ends")
    func late() async throws {
        let gate = SearchGate(most: 1)
        let (isIn, mayEnd) = (Locked(false), Locked(false))
        let later = ContinuousClock.now.advanced(by: .seconds(600))
        async let first: Void = gate.pass(for: .person(1), until: later) {
            isIn.withLock { $0 = true }
            while !mayEnd.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
        }
        while !isIn.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
        async let second = gate.pass(for: .person(2), until: .now) { 2 }
        async let third = gate.pass(for: .person(3), until: later) { 3 }
        try await Task.sleep(for: .milliseconds(20))
        mayEnd.withLock { $0 = true }
        try await first
        do {
            _ = try await second
            Issue.record("the second was answered")
        } catch StorageFault.timeout {}
        #expect(try await third == 3)
    }
}
