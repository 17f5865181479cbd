/// A text with fields in it, such as `Ticket {{ticket.number}}`. A pure value: what the fields are is said by who reads one.
///
/// `\{{` is two braces and no field. There are no conditions and no loops: a mail that nobody can break by a typo is worth more.
public struct Template: Sendable, Equatable {
    enum Piece: Sendable, Equatable {
        case text(String)
        case field(String)
    }

    /// What is wrong with a text, and where: line and column from 1, in characters as people count them.
    public struct Fault: Sendable, Equatable {
        public let kind: String
        public let message: String
        public let line: Int
        public let column: Int
    }

    let pieces: [Piece]

    /// Reads a text. All that is wrong is in `faults`; what is read is good when there are none.
    ///
    /// - Parameter known: the fields that there are.
    public init(_ text: String, known: Set<String>, faults: inout [Fault]) {
        var reader = Reader(text)
        pieces = reader.pieces(known)
        faults += reader.faults
    }

    /// The names of the fields in it.
    public var fields: Set<String> {
        Set(pieces.compactMap { if case .field(let name) = $0 { name } else { nil } })
    }

    /// The text with what `value` gives in the place of each field.
    public func filled(_ value: (String) -> String) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .field(let name): value(name)
            }
        }.joined()
    }
}

extension Template {
    private struct Reader {
        private var rest: Substring
        private var line = 1
        private var column = 1
        private(set) var faults: [Fault] = []

        init(_ text: String) { rest = text[...] }

        mutating func pieces(_ known: Set<String>) -> [Piece] {
            var pieces: [Piece] = []
            var text = ""
            while !rest.isEmpty {
                if rest.hasPrefix("\\{{") {
                    take(3)
                    text += "{{"
                } else if rest.hasPrefix("{{") {
                    guard let name = field(known) else { continue }
                    if !text.isEmpty { pieces.append(.text(text)) }
                    text = ""
                    pieces.append(.field(name))
                } else {
                    text += take(1)
                }
            }
            if !text.isEmpty { pieces.append(.text(text)) }
            return pieces
        }

        /// The name between the braces; nil when it is none, which is noted.
        private mutating func field(_ known: Set<String>) -> String? {
            let place = (line, column)
            take(2)
            let inside = rest.prefix { $0 != "}" && $0 != "{" && !$0.isNewline }
            let isClosed = rest[inside.endIndex...].hasPrefix("}}")
            take(inside.count + (isClosed ? 2 : 0))
            let name = inside.trimmed
            guard isClosed else {
                note("unclosed_field", "A field ends with }} on the line on which it begins", at: place)
                return nil
            }
            if known.contains(name) { return name }
            let shown = name.count > 60 ? "\(name.prefix(60))…" : name
            note("unknown_field", name.isEmpty ? "A field has a name" : "There is no field \(shown) in this template", at: place)
            return nil
        }

        private mutating func note(_ kind: String, _ message: String, at place: (line: Int, column: Int)) {
            faults.append(Fault(kind: kind, message: message, line: place.line, column: place.column))
        }

        @discardableResult private mutating func take(_ count: Int) -> Substring {
            let taken = rest.prefix(count)
            rest = rest.dropFirst(count)
            for character in taken {
                if character.isNewline { (line, column) = (line + 1, 1) } else { column += 1 }
            }
            return taken
        }
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
