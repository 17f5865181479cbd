public import Codec

/// What the document says of a route that reads its request itself, or whose answer is a session: what follows from no shape of its body.
public struct RouteNotes: Sendable {
    let query: ShapeOutline?
    let fields: ShapeOutline?
    let said: Schema?
    let told: Schema?
    let body: MediaType?
    let refusal: Schema?

    /// - Parameters:
    ///   - query: what it takes in the query.
    ///   - fields: what it takes in header fields.
    ///   - body: the type of the body that it takes.
    ///   - said: the messages that a client sends in a session.
    ///   - told: those that it gets.
    ///   - refusal: what it answers with 400 and 403, where that is not what all others do.
    public init(
        query: ShapeOutline? = nil, fields: ShapeOutline? = nil, body: MediaType? = nil, said: Schema? = nil, told: Schema? = nil,
        refusal: Schema? = nil
    ) {
        self.query = query
        self.fields = fields
        self.body = body
        self.said = said
        self.told = told
        self.refusal = refusal
    }
}
