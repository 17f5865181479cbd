/// Names in HTTP, mail and addresses are ASCII and mean the same in either case.
extension UnsafeRawBufferPointer {
    /// Whether these bytes are `lower`, a lower-case ASCII text, without regard to the case of ASCII's letters.
    @inlinable public func equalsIgnoringCase(_ lower: StaticString) -> Bool {
        guard count == lower.utf8CodeUnitCount else { return false }
        for index in 0..<count {
            let byte = self[index]
            let folded = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
            if folded != lower.utf8Start[index] { return false }
        }
        return true
    }
}
