import HTTP
import Helpdesk
import Loop
import Storage
import Testing

@testable import API
@testable import martlet

@Suite("Readiness") struct ReadinessTests {
    @Test("each reason is told once, as long as it lasts, and then that it is over")
    func notes() {
        var notes = ReadinessNotes()
        #expect(notes.take(ReadinessCheck.Report(faults: [], shortages: [])).isEmpty)
        #expect(notes.take(ReadinessCheck.Report(faults: ["a"], shortages: ["b"])) == [.fault("a"), .shortage("b")])
        #expect(notes.take(ReadinessCheck.Report(faults: ["a"], shortages: ["b"])).isEmpty)
        #expect(notes.take(ReadinessCheck.Report(faults: ["a", "c"], shortages: [])) == [.fault("c"), .over("b")])
        #expect(notes.take(ReadinessCheck.Report(faults: [], shortages: [])) == [.over("a"), .over("c")])
    }

    @Test("all who ask while a look is under way are answered by that look")
    func shared() async throws {
        let (looks, isOver) = (Locked(0), Locked(false))
        let readiness = ReadinessCheck(conditions: [
            {
                looks.withLock { $0 += 1 }
                while !isOver.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(1)) }
                return ["it is so"]
            }
        ])
        try await withThrowingTaskGroup(of: ReadinessCheck.Report.self) { group in
            for _ in 0..<100 { group.addTask { await readiness.report() } }
            try await Task.sleep(for: .milliseconds(50))
            isOver.withLock { $0 = true }
            for try await report in group { #expect(report.faults == ["it is so"] && report.shortages.isEmpty) }
        }
        #expect(looks.withLock { $0 } < 100)
    }

    @Test("a database that refuses thousands has a line for each kind of trouble in ten seconds, with how many there were")
    func troubles() {
        let (lines, now) = (Locked<[String]>([]), Locked<UInt64>(1))
        let log = Log(level: .warn, format: .json, now: { 0 }) { line in
            lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        }
        let troubles = DatabaseTroubleLog(log, now: { now.withLock { $0 } })
        for _ in 0..<1_000 { troubles.note(StorageFault.unavailable("the connection was lost")) }
        troubles.note(StorageFault.locked)
        troubles.note(StorageFault.broken("not this"))
        now.withLock { $0 += 11_000_000_000 }
        troubles.note(StorageFault.unavailable("it is not there"))
        let all = lines.withLock { $0 }
        #expect(all.count == 3)
        #expect(all[0].contains("the connection was lost") && all[0].contains("\"requests\":1,"))
        #expect(all[1].contains("another transaction or process held"))
        #expect(all[2].contains("\"requests\":1000,"))
    }

    @Test("whoever asks reads a sentence of its own for each kind of trouble, and none of the engine's words")
    func sentences() {
        let faults: [StorageFault] = [.unavailable("secret"), .busy("secret"), .locked, .full, .timeout]
        let sentences = faults.compactMap { Refusal(desk: $0)?.message }
        #expect(Set(sentences).count == 5 && !sentences.joined().contains("secret"))
        #expect(Refusal(desk: StorageFault.damaged("secret")) == nil && Refusal(desk: StorageFault.broken("secret")) == nil)
    }
}
