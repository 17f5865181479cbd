import Testing

@testable import Loop

@Suite("Services", .timeLimit(.minutes(1))) struct ServicesTests {
    @Test("services run at the same time, on their loop")
    func run() async throws {
        try await onLoop { loop in
            let record = Record<String>()
            let services = Services([Part("a", record), Part("b", record)], on: loop)
            let task = loop.spawn { try? await services.run() }
            await loop.turn()
            #expect(record.events == ["a runs", "b runs"])
            task.cancel()
            await task.value
        }
    }

    @Test("to cancel stops them one by one, the last first, and that is no error")
    func cancelled() async throws {
        try await onLoop { loop in
            let record = Record<String>()
            let services = Services([Part("a", record), Part("b", record), Part("c", record)], on: loop)
            let task = Task(executorPreference: loop) { try await services.run() }
            await loop.turn()
            task.cancel()
            try await task.value
            #expect(record.events.dropFirst(3) == ["c stops", "c ended", "b stops", "b ended", "a stops", "a ended"])
        }
    }

    @Test("a service that returns ends the others, and that is no error")
    func returned() async throws {
        try await onLoop { loop in
            let record = Record<String>()
            try await Services([Part("a", record), Part("b", record, then: .returns), Part("c", record)], on: loop).run()
            #expect(record.events.suffix(4) == ["c stops", "c ended", "a stops", "a ended"])
        }
    }

    @Test("the error that ended them is thrown, not what others throw at their stop", arguments: [0, 1, 2])
    func fault(culprit: Int) async throws {
        try await onLoop { loop in
            let record = Record<String>()
            let parts = (0..<3).map {
                Part("\($0)", record, then: $0 == culprit ? .throws(Mishap(number: 1)) : .throwsAtStop(Mishap(number: 2)))
            }
            await #expect(throws: Mishap(number: 1)) { try await Services(parts, on: loop).run() }
            #expect(record.events.filter { $0.hasSuffix("ended") }.count == 3)
        }
    }

    @Test("what is thrown at an ordered stop is thrown on")
    func faultAtStop() async throws {
        try await onLoop { loop in
            let services = Services([Part("a", Record(), then: .throwsAtStop(Mishap(number: 3)))], on: loop)
            let task = Task(executorPreference: loop) { try await services.run() }
            await loop.turn()
            task.cancel()
            await #expect(throws: Mishap(number: 3)) { try await task.value }
        }
    }

    @Test("to end by CancellationError is an orderly end")
    func cancellationError() async throws {
        try await onLoop { loop in
            try await Services([Part("a", Record(), then: .throws(CancellationError()))], on: loop).run()
        }
    }

    @Test("a task that was cancelled before does not wait")
    func cancelledBefore() async throws {
        try await onLoop { loop in
            let record = Record<String>()
            let services = Services([Part("a", record)], on: loop)
            let task = Task(executorPreference: loop) {
                withUnsafeCurrentTask { $0?.cancel() }
                try await services.run()
            }
            try await task.value
            #expect(record.events.last == "a ended")
        }
    }
}

@Suite("Latches", .timeLimit(.minutes(1))) struct LatchTests {
    @Test("all who wait go on, and whoever comes later does not wait")
    func happen() async throws {
        try await onLoop { loop in
            let latch = Latch()
            let record = Record<Int>()
            let tasks = (0..<3).map { number in
                loop.spawn {
                    await latch.wait()
                    record.note(number)
                }
            }
            await loop.turn()
            #expect(record.events.isEmpty)
            latch.happen()
            latch.happen()
            for task in tasks { await task.value }
            #expect(record.events == [0, 1, 2])
            await latch.wait()
        }
    }

    @Test("it may happen on any thread, at the very moment when somebody begins to wait")
    func race() async throws {
        try await onLoop { loop in
            for _ in 0..<200 {
                let latch = Latch()
                let thread = Thread(named: "other") { latch.happen() }
                await latch.wait()
                #expect(loop.isCurrent)
                thread.join()
            }
        }
    }
}

/// A service that tells what becomes of it.
private struct Part: Service {
    enum Ending {
        case waits, returns
        case `throws`(any Error)
        case throwsAtStop(any Error)
    }

    let name: String
    private let record: Record<String>
    private let ending: Ending

    init(_ name: String, _ record: Record<String>, then ending: Ending = .waits) {
        self.name = name
        self.record = record
        self.ending = ending
    }

    func run() async throws {
        record.note("\(name) runs")
        defer { record.note("\(name) ended") }
        // The others have begun before anything goes wrong.
        await Task.yield()
        switch ending {
        case .returns: return
        case .throws(let error): throw error
        case .waits, .throwsAtStop: break
        }
        let latch = Latch()
        await withTaskCancellationHandler {
            await latch.wait()
        } onCancel: {
            latch.happen()
        }
        record.note("\(name) stops")
        for _ in 0..<5 { await Task.yield() }
        if case .throwsAtStop(let error) = ending { throw error }
    }
}
