/// What a link has sent and not yet had answered, in order, and what everything that comes back means: a pure value.
///
/// Between two marks (Syncs) the server treats all queries as one: after an error it skips the rest up to the mark.
/// A read that was skipped so has met no error of its own, and goes once more, by itself.
struct Pipeline<Query> {
    /// What libpq hands over, one after the other.
    enum Arrival: Equatable {
        case success
        case failure(SQLState)
        /// Skipped, because of an earlier error before the same mark.
        case skipped
        /// Nothing more will come for the foremost step.
        case end
        case mark
    }

    enum Action {
        case nothing
        /// The result in hand, good or bad, is the query's.
        case answer(Query)
        /// The same, and its statement was not made.
        case answerAndForget(Query)
        /// Send the query again, between marks of its own.
        case again(Query)
        /// The same, with its statement made anew.
        case remake(Query)
        /// The session is over, or the two sides are out of step: nothing that comes now can be believed.
        case lose
    }

    private struct Step {
        let query: Query
        /// Whether it may be sent again without harm: a read that shares its marks with others.
        let mayRepeat: Bool
        /// Whether the server has still to make the statement before it runs it, which is an answer of its own.
        var isPreparing: Bool
        var isSettled = false
        /// Whether the present answer has come, so that only its end is missing.
        var isAnswered = false
    }

    private enum Item {
        case step(Step)
        case mark
    }

    private var items: ContiguousArray<Item> = []
    private var head = 0
    private(set) var sinceMark = 0

    var isEmpty: Bool { head == items.count }

    /// How many queries and marks are out.
    var count: Int { items.count - head }

    /// Notes a query that was sent, with its statement's making before it if `prepares`.
    mutating func append(_ query: Query, prepares: Bool, mayRepeat: Bool) {
        items.append(.step(Step(query: query, mayRepeat: mayRepeat, isPreparing: prepares)))
        sinceMark += 1
    }

    /// Notes that a mark was sent.
    mutating func mark() {
        items.append(.mark)
        sinceMark = 0
    }

    /// Takes what came, and says what is to be done.
    mutating func receive(_ arrival: Arrival) -> Action {
        guard head < items.count else { return .lose }
        guard case .step(var step) = items[head] else {
            guard arrival == .mark else { return .lose }
            drop()
            return .nothing
        }
        switch arrival {
        case .mark: return .lose
        case .end:
            guard step.isAnswered else { return .lose }
            guard step.isPreparing else {
                drop()
                return .nothing
            }
            step.isPreparing = false
            step.isAnswered = false
            items[head] = .step(step)
            return .nothing
        case .success, .failure, .skipped:
            guard !step.isAnswered else { return .lose }
            let action = answer(to: step, arrival)
            step.isAnswered = true
            // What follows a statement that was not made is skipped, and was settled with it.
            switch action {
            case .nothing, .lose: break
            default: step.isSettled = true
            }
            items[head] = .step(step)
            return action
        }
    }

    private func answer(to step: Step, _ arrival: Arrival) -> Action {
        if step.isSettled { return .nothing }
        switch arrival {
        case .success: return step.isPreparing ? .nothing : .answer(step.query)
        case .skipped:
            guard step.mayRepeat else { return step.isPreparing ? .answerAndForget(step.query) : .answer(step.query) }
            return step.isPreparing ? .remake(step.query) : .again(step.query)
        case .failure(let state):
            if state.meaning == .lost { return .lose }
            if state.meaning == .stale { return step.mayRepeat ? .remake(step.query) : .answerAndForget(step.query) }
            return step.isPreparing ? .answerAndForget(step.query) : .answer(step.query)
        case .end, .mark: return .lose
        }
    }

    private mutating func drop() {
        head += 1
        if head == items.count {
            items.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 256 {
            items.removeFirst(head)
            head = 0
        }
    }

    /// Takes out all queries that have had no answer: the link is gone.
    mutating func abandon() -> [Query] {
        defer {
            items.removeAll()
            head = 0
            sinceMark = 0
        }
        return items[head...].compactMap {
            if case .step(let step) = $0, !step.isSettled { step.query } else { nil }
        }
    }
}
