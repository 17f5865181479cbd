/// Something that keeps a database from its work, as its operator should hear of it.
public struct DatabaseProblem: Sendable, Equatable {
    public enum Effect: Sendable {
        /// Nothing that is answered can be relied on: this node should get no requests.
        case unusable
        /// Some things are refused, and others work.
        case limited
    }

    public let effect: Effect
    /// What is wrong and what helps, in one sentence.
    public let sentence: String

    public init(_ effect: Effect, _ sentence: String) {
        self.effect = effect
        self.sentence = sentence
    }
}
