extension SocketIO {
    /// An argument of an event: JSON, in which bytes may stand anywhere.
    public enum Value: Equatable, Sendable {
        case null
        case bool(Bool)
        case integer(Int)
        case number(Double)
        case text(String)
        case list([Value])
        case object([Member])
        case binary([UInt8])
        /// JSON that is written already: a view that was made once for many. Never read.
        case json([UInt8])

        public struct Member: Equatable, Sendable {
            public var name: String
            public var value: Value

            public init(_ name: String, _ value: Value) {
                self.name = name
                self.value = value
            }
        }

        /// The member of that name; nil when there is none or this is no object.
        public subscript(name: String) -> Value? {
            guard case .object(let members) = self else { return nil }
            return members.first { $0.name.hasSameBytes(as: name) }?.value
        }

        /// The string, when this is one.
        public var string: String? { if case .text(let text) = self { text } else { nil } }

        /// The whole number, when this is one.
        public var int: Int? { if case .integer(let integer) = self { integer } else { nil } }

        /// The truth value, when this is one.
        public var isTrue: Bool? { if case .bool(let bool) = self { bool } else { nil } }

        /// Whether bytes stand in it.
        var hasBinary: Bool {
            switch self {
            case .binary: true
            case .list(let elements): elements.contains(where: \.hasBinary)
            case .object(let members): members.contains { $0.value.hasBinary }
            default: false
            }
        }
    }
}

extension SocketIO.Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral text: String) { self = .text(text) }
    public init(integerLiteral integer: Int) { self = .integer(integer) }
    public init(booleanLiteral bool: Bool) { self = .bool(bool) }
    public init(nilLiteral: ()) { self = .null }
    public init(floatLiteral number: Double) { self = .number(number) }
    public init(arrayLiteral elements: SocketIO.Value...) { self = .list(elements) }
    public init(dictionaryLiteral members: (String, SocketIO.Value)...) { self = .object(members.map { Member($0.0, $0.1) }) }
}

extension SocketIO.Value {
    /// As JSON; nil when bytes stand in it.
    public var bytes: [UInt8]? {
        guard !hasBinary else { return nil }
        var writer = JSONWriter()
        var none: [[UInt8]] = []
        writer.value(self, &none)
        return writer.finish()
    }
}

extension JSONWriter {
    /// Writes a value; bytes go to `attachments`, and a placeholder stands where they were.
    mutating func value(_ value: SocketIO.Value, _ attachments: inout [[UInt8]]) {
        switch value {
        case .null: null()
        case .bool(let bool): self.value(bool)
        case .integer(let integer): self.value(integer)
        // JavaScript writes it so; JSON has no other.
        case .number(let number): if number.isFinite { self.value(number) } else { null() }
        case .text(let text): self.value(text)
        case .json(let json): raw(json)
        case .list(let elements):
            beginArray()
            for element in elements { self.value(element, &attachments) }
            endArray()
        case .object(let members):
            beginObject()
            for member in members {
                key(member.name)
                self.value(member.value, &attachments)
            }
            endObject()
        case .binary(let bytes):
            placeholder(attachments.count)
            attachments.append(bytes)
        }
    }

    private mutating func placeholder(_ number: Int) {
        beginObject()
        key("_placeholder")
        value(true)
        key("num")
        value(number)
        endObject()
    }
}
