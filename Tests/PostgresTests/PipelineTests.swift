import Testing

@testable import Postgres

@Suite("The pipeline of a link") struct PipelineTests {
    /// What the machine asks for, as text that can be compared.
    private func told(_ action: Pipeline<Int>.Action) -> String {
        switch action {
        case .nothing: "-"
        case .answer(let query): "answer \(query)"
        case .answerAndForget(let query): "answer \(query), forget"
        case .again(let query): "again \(query)"
        case .remake(let query): "remake \(query)"
        case .lose: "lose"
        }
    }

    private func tell(_ pipeline: inout Pipeline<Int>, _ arrivals: Pipeline<Int>.Arrival...) -> [String] {
        arrivals.map { told(pipeline.receive($0)) }.filter { $0 != "-" }
    }

    private func reads(_ count: Int, preparing: Set<Int> = [], mayRepeat: Bool = true) -> Pipeline<Int> {
        var pipeline = Pipeline<Int>()
        for query in 1...count { pipeline.append(query, prepares: preparing.contains(query), mayRepeat: mayRepeat) }
        pipeline.mark()
        return pipeline
    }

    private let syntax = Pipeline<Int>.Arrival.failure(SQLState("42601"))

    @Test("answers go to the queries in the order in which they were sent")
    func order() {
        var pipeline = reads(3)
        #expect(pipeline.count == 4)
        #expect(
            tell(&pipeline, .success, .end, .success, .end, .success, .end, .mark) == ["answer 1", "answer 2", "answer 3"])
        #expect(pipeline.isEmpty)
    }

    @Test("the making of a statement is no answer, and the run that follows is")
    func preparing() {
        var pipeline = reads(2, preparing: [1])
        #expect(tell(&pipeline, .success, .end) == [])
        #expect(tell(&pipeline, .success, .end, .success, .end, .mark) == ["answer 1", "answer 2"])
        #expect(pipeline.isEmpty)
    }

    @Test("an error is its own query's answer; the ones behind it go again, those behind the mark are untouched")
    func neighbours() {
        var pipeline = reads(3)
        pipeline.append(4, prepares: false, mayRepeat: true)
        pipeline.mark()
        #expect(tell(&pipeline, .success, .end) == ["answer 1"])
        #expect(tell(&pipeline, syntax, .end) == ["answer 2"])
        #expect(tell(&pipeline, .skipped, .end, .mark) == ["again 3"])
        #expect(tell(&pipeline, .success, .end, .mark) == ["answer 4"])
        #expect(pipeline.isEmpty)
    }

    @Test("a statement that cannot be made fails its query and is forgotten; the run that was skipped is not told again")
    func unmakeable() {
        var pipeline = reads(2, preparing: [1])
        #expect(tell(&pipeline, syntax, .end, .skipped, .end) == ["answer 1, forget"])
        #expect(tell(&pipeline, .skipped, .end, .mark) == ["again 2"])
        #expect(pipeline.isEmpty)
    }

    @Test("a statement whose making was skipped is made anew")
    func skippedMaking() {
        var pipeline = reads(2, preparing: [2])
        #expect(tell(&pipeline, syntax, .end) == ["answer 1"])
        #expect(tell(&pipeline, .skipped, .end, .skipped, .end, .mark) == ["remake 2"])
        #expect(pipeline.isEmpty)
    }

    @Test("a stale statement is made anew once", arguments: ["26000", "0A000"])
    func stale(code: String) {
        var pipeline = reads(1)
        #expect(tell(&pipeline, .failure(SQLState(code)), .end, .mark) == ["remake 1"])
        pipeline.append(1, prepares: true, mayRepeat: false)
        pipeline.mark()
        #expect(tell(&pipeline, .success, .end, .failure(SQLState(code)), .end, .mark) == ["answer 1, forget"])
    }

    @Test("inside a transaction nothing is sent again")
    func transaction() {
        var pipeline = reads(2, preparing: [2], mayRepeat: false)
        #expect(tell(&pipeline, syntax, .end) == ["answer 1"])
        #expect(tell(&pipeline, .skipped, .end, .skipped, .end, .mark) == ["answer 2, forget"])
        #expect(pipeline.isEmpty)
    }

    @Test("the end of the session is nobody's answer", arguments: ["57P01", "57P02", "08006", "25P03", ""])
    func lost(code: String) {
        var pipeline = reads(3)
        #expect(tell(&pipeline, .success, .end, .failure(SQLState(code))) == ["answer 1", "lose"])
        #expect(pipeline.abandon() == [2, 3])
        #expect(pipeline.isEmpty)
    }

    @Test("a query that was answered, or goes again, is not among those that a loss leaves")
    func abandoned() {
        var pipeline = reads(4)
        #expect(tell(&pipeline, syntax) == ["answer 1"])
        #expect(pipeline.abandon() == [2, 3, 4])
        pipeline = reads(3)
        #expect(tell(&pipeline, syntax, .end, .skipped) == ["answer 1", "again 2"])
        #expect(pipeline.abandon() == [3])
    }

    @Test("what comes out of step ends the session")
    func outOfStep() {
        var pipeline = Pipeline<Int>()
        #expect(tell(&pipeline, .success) == ["lose"])
        pipeline = reads(1)
        #expect(tell(&pipeline, .mark) == ["lose"])
        pipeline = reads(1)
        #expect(tell(&pipeline, .end) == ["lose"])
        pipeline = reads(1)
        #expect(tell(&pipeline, .success, .success) == ["answer 1", "lose"])
        pipeline = reads(1)
        #expect(tell(&pipeline, .success, .end, .success) == ["answer 1", "lose"])
    }

    @Test("a long-lived pipeline keeps its order and its count, however deep it is")
    func long() {
        var pipeline = Pipeline<Int>()
        var answered: [String] = []
        for query in 0..<3_000 {
            pipeline.append(query, prepares: query % 7 == 0, mayRepeat: true)
            pipeline.mark()
            // Always some hundred behind.
            guard query >= 300 else { continue }
            if (query - 300) % 7 == 0 { answered += tell(&pipeline, .success, .end) }
            answered += tell(&pipeline, .success, .end, .mark)
        }
        #expect(answered == (0..<2_700).map { "answer \($0)" })
        #expect(pipeline.count == 600)
    }
}
