import Glibc

// Texts from outside are compared by their bytes. `==`, `switch`, `contains` and `hasPrefix` of `String` go by what texts look like, which
// costs more for each than it should, and lets two names be one that nobody meant to be the same.

extension String {
    /// Whether both are the same bytes.
    public func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        var (left, right) = (self, other)
        return left.withUTF8 { left in right.withUTF8 { right in areSame(left.baseAddress, right.baseAddress, count: left.count) } }
    }

    /// Whether this is the text of a literal of ours.
    public func equals(_ literal: StaticString) -> Bool {
        guard utf8.count == literal.utf8CodeUnitCount else { return false }
        var text = self
        return text.withUTF8 { areSame($0.baseAddress, literal.utf8Start, count: $0.count) }
    }

    /// Whether this is `lower`, a lower-case ASCII text, without regard to the case of ASCII's letters.
    public func equalsIgnoringCase(_ lower: StaticString) -> Bool {
        guard utf8.count == lower.utf8CodeUnitCount else { return false }
        var text = self
        return text.withUTF8 { UnsafeRawBufferPointer($0).equalsIgnoringCase(lower) }
    }

    /// Whether it begins with `lower`, a lower-case ASCII text, without regard to the case of ASCII's letters.
    public func startsIgnoringCase(_ lower: StaticString) -> Bool {
        guard utf8.count >= lower.utf8CodeUnitCount else { return false }
        var text = self
        return text.withUTF8 { UnsafeRawBufferPointer(start: $0.baseAddress, count: lower.utf8CodeUnitCount).equalsIgnoringCase(lower) }
    }

    /// Whether `lower`, a lower-case ASCII text, stands anywhere in it, without regard to the case of ASCII's letters.
    public func containsIgnoringCase(_ lower: StaticString) -> Bool {
        var text = self
        return text.withUTF8 { UnsafeRawBufferPointer($0).containsIgnoringCase(lower) }
    }
}

/// Whether `count` bytes at both places are the same; no place has no bytes.
private func areSame(_ left: UnsafePointer<UInt8>?, _ right: UnsafePointer<UInt8>?, count: Int) -> Bool {
    guard let left, let right else { return count == 0 }
    return memcmp(left, right, count) == 0
}

extension UnsafeRawBufferPointer {
    /// Whether `lower`, a lower-case ASCII text, stands anywhere in these bytes, without regard to the case of ASCII's letters.
    public func containsIgnoringCase(_ lower: StaticString) -> Bool {
        let length = lower.utf8CodeUnitCount
        guard length > 0, count >= length, let base = baseAddress else { return length == 0 }
        let first = lower.utf8Start[0] | 0x20
        var at = 0
        while at <= count &- length {
            let start = base + at
            // Most bytes are not even the first letter.
            if start.load(as: UInt8.self) | 0x20 == first,
                UnsafeRawBufferPointer(start: start, count: length).equalsIgnoringCase(lower)
            {
                return true
            }
            at &+= 1
        }
        return false
    }
}
