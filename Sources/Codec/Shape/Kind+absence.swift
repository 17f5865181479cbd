/// What may be missing, and what that means.
extension Kind {
    /// May be absent or null, which are both nil; nil is written as null.
    @inlinable public var optional: Kind<Value?> {
        Kind<Value?>(
            .nullable(schema), required: false,
            json: { (reader, reading) throws(JSONFault) in
                if try reader.readNull() { return .some(nil) }
                return try readJSON(&reader, &reading).map { .some($0) }
            },
            texts: { texts, reading in
                // A form sends every field, the empty ones too.
                if isOneEmptyText(texts) { return .some(nil) }
                return readTexts(texts, &reading).map { .some($0) }
            },
            write: { value, writer in if let value { writeJSON(value, &writer) } else { writer.null() } })
    }

    /// May be absent, which is nil, but not null; nil is left out when it is written. In a PATCH: what cannot be cleared.
    @inlinable public var orAbsent: Kind<Value?> {
        Kind<Value?>(
            schema, required: false,
            json: { (reader, reading) throws(JSONFault) in try readJSON(&reader, &reading).map { .some($0) } },
            texts: { texts, reading in readTexts(texts, &reading).map { .some($0) } },
            write: { value, writer in if let value { writeJSON(value, &writer) } else { writer.null() } },
            leftOut: { $0 == nil })
    }

    /// May be absent, null or a value, and they differ. In a PATCH: what can be cleared.
    @inlinable public var change: Kind<Change<Value>> {
        Kind<Change<Value>>(
            .nullable(schema), required: false,
            json: { (reader, reading) throws(JSONFault) in
                if try reader.readNull() { return .null }
                return try readJSON(&reader, &reading).map { .to($0) }
            },
            texts: { texts, reading in
                if isOneEmptyText(texts) { return .null }
                return readTexts(texts, &reading).map { .to($0) }
            },
            write: { change, writer in if case .to(let value) = change { writeJSON(value, &writer) } else { writer.null() } },
            leftOut: { if case .absent = $0 { true } else { false } })
    }
}

/// What a PATCH says of one field.
public enum Change<Value: Sendable>: Sendable {
    /// Nothing: it stays.
    case absent
    /// It is cleared.
    case null
    /// It becomes this.
    case to(Value)

    /// What becomes of `old`.
    public func applied(to old: Value?) -> Value? {
        switch self {
        case .absent: old
        case .null: nil
        case .to(let value): value
        }
    }
}

extension Change: Equatable where Value: Equatable {}

/// What a form sends for a field that was left empty.
@usableFromInline func isOneEmptyText(_ texts: [String]) -> Bool { texts.count == 1 && texts[0].isEmpty }
