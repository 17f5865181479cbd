/// One extension as `Sec-WebSocket-Extensions` offers it: a name and its parameters (RFC 6455 section 9.1).
public struct ExtensionOffer: Equatable, Sendable {
    public struct Parameter: Equatable, Sendable {
        public let name: String
        /// Nil when the parameter stands alone, without `=`.
        public let value: String?

        public init(_ name: String, _ value: String? = nil) {
            self.name = name
            self.value = value
        }
    }

    public let name: String
    public let parameters: [Parameter]

    public init(_ name: String, _ parameters: [Parameter] = []) {
        self.name = name
        self.parameters = parameters
    }

    /// The offers of a header, most wanted first. Nil when it breaks the grammar: then the handshake has failed, and 400 is
    /// the answer. An empty place between two commas is no fault (RFC 9110 section 5.6.1).
    public static func parse(_ header: String) -> [ExtensionOffer]? {
        var cursor = HeaderCursor(header)
        var offers: [ExtensionOffer] = []
        while true {
            cursor.skipBlanks()
            if cursor.isAtEnd { return offers }
            if cursor.take(",") { continue }
            guard let offer = ExtensionOffer(&cursor) else { return nil }
            offers.append(offer)
            guard cursor.isAtEnd || cursor.take(",") else { return nil }
        }
    }

    /// Reads one offer and the blanks after it.
    private init?(_ cursor: inout HeaderCursor) {
        guard let name = cursor.token() else { return nil }
        var parameters: [Parameter] = []
        cursor.skipBlanks()
        while cursor.take(";") {
            cursor.skipBlanks()
            guard let key = cursor.token() else { return nil }
            cursor.skipBlanks()
            if cursor.take("=") {
                cursor.skipBlanks()
                guard let value = cursor.word() else { return nil }
                parameters.append(Parameter(key, value))
            } else {
                parameters.append(Parameter(key))
            }
            cursor.skipBlanks()
        }
        self.init(name, parameters)
    }
}
