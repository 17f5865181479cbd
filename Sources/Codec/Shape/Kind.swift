/// How values of one type are read from JSON and from text, checked, written and described.
///
/// The kinds in this folder are made by the same initializer that is open to everybody: a module with a type of its own
/// writes one closure for each way in and out. They are declared without a constraint on `Value`, so that
/// `.uuid.optional` is found where a `Kind<UUID?>` is wanted.
public struct Kind<Value: Sendable>: Sendable {
    /// Takes the next value. Nil when it is a fault, which was noted, and then the reader stands behind it all the same; throws only
    /// when the JSON itself is broken.
    public typealias ReadJSON = @Sendable (inout JSONReader, inout Reading) throws(JSONFault) -> Value?
    /// Reads a value of a form, a query or a path. Nil when it is a fault, which was noted.
    public typealias ReadText = @Sendable (String, inout Reading) -> Value?
    /// The same where a name may come several times.
    public typealias ReadTexts = @Sendable ([String], inout Reading) -> Value?
    public typealias Write = @Sendable (Value, inout JSONWriter) -> Void

    @usableFromInline let readJSON: ReadJSON
    @usableFromInline let readTexts: ReadTexts
    @usableFromInline let writeJSON: Write
    /// Whether a field with this value is left out of what is written.
    @usableFromInline let isLeftOut: (@Sendable (Value) -> Bool)?
    /// Whether a field of this kind must be given, unless the field says otherwise.
    public let isRequired: Bool
    public let schema: Schema

    /// A kind whose name comes once at most in a form. No `text`: it cannot be given in a form or query.
    public init(
        _ schema: Schema, required: Bool = true, json: @escaping ReadJSON, text: ReadText? = nil, write: @escaping Write,
        leftOut: (@Sendable (Value) -> Bool)? = nil
    ) {
        self.init(schema, required: required, json: json, texts: Kind.once(text), write: write, leftOut: leftOut)
    }

    /// A kind whose name may come several times in a form.
    public init(
        _ schema: Schema, required: Bool = true, json: @escaping ReadJSON, texts: @escaping ReadTexts, write: @escaping Write,
        leftOut: (@Sendable (Value) -> Bool)? = nil
    ) {
        self.schema = schema
        isRequired = required
        readJSON = json
        readTexts = texts
        writeJSON = write
        isLeftOut = leftOut
    }

    private static func once(_ text: ReadText?) -> ReadTexts {
        { texts, reading in
            guard let text else { return reading.refuse(.noText) }
            guard texts.count == 1, let only = texts.first else { return reading.refuse(.duplicateField) }
            return text(only, &reading)
        }
    }

    /// Reads one text, as a path parameter is: throws its faults with `location` before them.
    public func read(text: String, at location: String) throws(Faults) -> Value {
        var reading = Reading(unknown: .refused)
        let value = readTexts([text], &reading)
        reading.locate(since: 0, under: location)
        guard let value, reading.faults.isEmpty else { throw reading.faults }
        return value
    }

    /// Writes a value.
    @inlinable public func write(_ value: Value, to writer: inout JSONWriter) { writeJSON(value, &writer) }
}

extension Reading {
    /// Notes a fault in place of a value.
    @inlinable public mutating func refuse<Value>(_ fault: Fault) -> Value? {
        note(fault)
        return nil
    }

    /// Notes a fault in place of the value that comes next, and passes over it.
    @inlinable public mutating func refuse<Value>(_ fault: Fault, skipping reader: inout JSONReader) throws(JSONFault) -> Value? {
        try reader.skipValue()
        note(fault)
        return nil
    }
}

// MARK: Kinds made of kinds

extension Kind {
    /// The same values of another type: an id of a domain over its UUID. `to` gives a fault for what is none of them.
    @inlinable public func converted<Other: Sendable>(
        to: @escaping @Sendable (Value) -> Result<Other, Faults>, from: @escaping @Sendable (Other) -> Value
    ) -> Kind<Other> {
        let convert: @Sendable (Value, inout Reading) -> Other? = { value, reading in
            switch to(value) {
            case .success(let other): return other
            case .failure(let faults):
                for fault in faults.list { reading.note(fault) }
                return nil
            }
        }
        var leftOut: (@Sendable (Other) -> Bool)?
        if let isLeftOut { leftOut = { isLeftOut(from($0)) } }
        return Kind<Other>(
            schema, required: isRequired,
            json: { (reader, reading) throws(JSONFault) in
                guard let value = try readJSON(&reader, &reading) else { return nil }
                return convert(value, &reading)
            },
            texts: { texts, reading in
                guard let value = readTexts(texts, &reading) else { return nil }
                return convert(value, &reading)
            },
            write: { other, writer in writeJSON(from(other), &writer) },
            leftOut: leftOut)
    }

    /// The same values, told to readers of the description as `schema`.
    public func described(as schema: Schema) -> Kind {
        Kind(schema, required: isRequired, json: readJSON, texts: readTexts, write: writeJSON, leftOut: isLeftOut)
    }

    /// The same values with a rule more: `rule` gives what is wrong with one, or nil.
    @inlinable public func checked(_ rule: @escaping @Sendable (Value) -> Fault?) -> Kind {
        converted(
            to: { value in if let fault = rule(value) { .failure(Faults(fault)) } else { .success(value) } },
            from: { $0 })
    }
}
