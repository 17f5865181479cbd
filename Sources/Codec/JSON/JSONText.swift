import Glibc

/// A string of JSON as it stands in the text, between its quotes: checked by the reader, not yet copied.
///
/// It points into the reader's bytes and is good for as long as they are. Comparing a name needs no copy and no `String`.
public struct JSONText {
    let start: UnsafeRawPointer
    @usableFromInline let length: Int
    /// Whether a `\` stands in it.
    @usableFromInline let isEscaped: Bool
    /// Whether it holds U+0000, which is good JSON and bad text.
    public let hasNUL: Bool
    /// Whether it has more combining marks in a row than a text from outside may have. It never becomes a `String` then.
    public let hasTooManyMarks: Bool

    /// The bytes between the quotes, escapes and all.
    public var rawBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: length) }

    /// The string that is meant; nil when it has too many combining marks in a row.
    public var string: String? {
        if hasTooManyMarks { return nil }
        if !isEscaped { return String(decoding: rawBytes, as: UTF8.self) }
        // An escape is never shorter than what it stands for, so the raw length is enough room.
        return String(unsafeUninitializedCapacity: length) { unescape(into: $0) }
    }

    /// Whether the string that is meant is `text`. The lengths differ nearly always, so they are compared where the caller is.
    @inlinable public func equals(_ text: StaticString) -> Bool {
        if length != text.utf8CodeUnitCount && !isEscaped { return false }
        return isSame(as: text)
    }

    @usableFromInline func isSame(as text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        if !isEscaped { return ShortBytes.areEqual(start, text.utf8Start, count: length) }
        // An escape takes six bytes for one at the most.
        guard length <= count * 6 else { return false }
        return withMeaning { $0.count == count && $0.elementsEqual(UnsafeRawBufferPointer(start: text.utf8Start, count: count)) }
    }

    /// Calls `body` with the bytes of what is meant, of which no string is made.
    func withMeaning<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        if !isEscaped { return body(rawBytes) }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: length) { room in
            let count = unescape(into: room)
            return body(UnsafeRawBufferPointer(start: room.baseAddress, count: count))
        }
    }

    /// Whether it is longer than any name that is read.
    var isLongerThanNames: Bool {
        length > ByteName.longest && (!isEscaped || length > ByteName.longest * 6 || withMeaning { $0.count > ByteName.longest })
    }

    /// Writes what is meant and says how many bytes that took. The reader checked every escape and every pair.
    private func unescape(into target: UnsafeMutableBufferPointer<UInt8>) -> Int {
        guard let base = target.baseAddress else { return 0 }
        var at = 0
        var filled = 0
        while at < length {
            let byte = start.load(fromByteOffset: at, as: UInt8.self)
            guard byte == UInt8(ascii: "\\") else {
                let run = memchr(start + at, 0x5C, length - at).map { UnsafeRawPointer($0) - (start + at) } ?? length - at
                UnsafeMutableRawPointer(base + filled).copyMemory(from: start + at, byteCount: run)
                filled += run
                at += run
                continue
            }
            let kind = start.load(fromByteOffset: at + 1, as: UInt8.self)
            at += 2
            guard kind == UInt8(ascii: "u") else {
                target[filled] = JSONText.meaning(of: kind)
                filled += 1
                continue
            }
            var scalar = JSONText.hex4(start + at)
            at += 4
            if scalar & 0xFC00 == 0xD800 {
                scalar = 0x10000 + (scalar & 0x3FF) << 10 + JSONText.hex4(start + at + 2) & 0x3FF
                at += 6
            }
            filled += JSONText.encode(scalar, at: filled, in: target)
        }
        return filled
    }

    /// What the letter after a `\` stands for.
    private static func meaning(of letter: UInt8) -> UInt8 {
        switch letter {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: letter  // " \ /
        }
    }

    /// Four hexadecimal digits that were checked before.
    static func hex4(_ digits: UnsafeRawPointer) -> UInt32 {
        var value: UInt32 = 0
        for at in 0..<4 { value = value << 4 | UInt32(Hex.value(of: digits.load(fromByteOffset: at, as: UInt8.self)) ?? 0) }
        return value
    }

    private static func encode(_ scalar: UInt32, at place: Int, in target: UnsafeMutableBufferPointer<UInt8>) -> Int {
        func put(_ offset: Int, _ value: UInt32) { target[place + offset] = UInt8(truncatingIfNeeded: value) }
        switch scalar {
        case ..<0x80:
            put(0, scalar)
            return 1
        case ..<0x800:
            put(0, 0xC0 | scalar >> 6)
            put(1, 0x80 | scalar & 0x3F)
            return 2
        case ..<0x10000:
            put(0, 0xE0 | scalar >> 12)
            put(1, 0x80 | scalar >> 6 & 0x3F)
            put(2, 0x80 | scalar & 0x3F)
            return 3
        default:
            put(0, 0xF0 | scalar >> 18)
            put(1, 0x80 | scalar >> 12 & 0x3F)
            put(2, 0x80 | scalar >> 6 & 0x3F)
            put(3, 0x80 | scalar & 0x3F)
            return 4
        }
    }
}
