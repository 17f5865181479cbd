/// What may stand in a statement as `\(…)`. Domain types that are stored as one column conform beside their queries.
public protocol ValueConvertible {
    /// The kind of every `value`, known without one: an absent value is typed too.
    static var kind: Value.Kind { get }
    var value: Value { get }
}

extension Int64: ValueConvertible {
    @inlinable public static var kind: Value.Kind { .integer }
    @inlinable public var value: Value { .integer(self) }
}

extension Int: ValueConvertible {
    @inlinable public static var kind: Value.Kind { .integer }
    @inlinable public var value: Value { .integer(Int64(self)) }
}

extension Double: ValueConvertible {
    @inlinable public static var kind: Value.Kind { .real }
    @inlinable public var value: Value { .real(self) }
}

extension String: ValueConvertible {
    @inlinable public static var kind: Value.Kind { .text }
    @inlinable public var value: Value { .text(self) }
}

extension Bool: ValueConvertible {
    @inlinable public static var kind: Value.Kind { .boolean }
    @inlinable public var value: Value { .boolean(self) }
}

extension [UInt8]: ValueConvertible {
    @inlinable public static var kind: Value.Kind { .bytes }
    @inlinable public var value: Value { .bytes(self) }
}

extension Optional: ValueConvertible where Wrapped: ValueConvertible {
    @inlinable public static var kind: Value.Kind { Wrapped.kind }
    @inlinable public var value: Value {
        switch self {
        case .some(let wrapped): wrapped.value
        case .none: .null(Wrapped.kind)
        }
    }
}
