public import Codec

/// What the document says of a route that reads its request itself, or whose answer is a session: what follows from no shape of its body.
public struct RouteNotes: Sendable {
    let query: ShapeOutline?
    let fields: ShapeOutline?
    let said: Schema?
    let told: Schema?

    /// - Parameters:
    ///   - query: what it takes in the query.
    ///   - fields: what it takes in header fields.
    ///   - said: the messages that a client sends in a session.
    ///   - told: those that it gets.
    public init(query: ShapeOutline? = nil, fields: ShapeOutline? = nil, said: Schema? = nil, told: Schema? = nil) {
        self.query = query
        self.fields = fields
        self.said = said
        self.told = told
    }
}
