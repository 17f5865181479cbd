/// Writes JSON piece by piece into bytes of its own; it sets the commas itself.
///
/// It trusts its caller to open and close in order (debug builds check the count). It is made once and `reset` between answers.
///
///     writer.beginObject()
///     writer.key("title"); writer.value(ticket.title)
///     writer.endObject()
public struct JSONWriter: ~Copyable {
    @usableFromInline var out: ByteWriter
    /// Whether a value stands before what comes next, so that a comma must part them.
    @usableFromInline var needsComma = false
    @usableFromInline var depth = 0

    public init(capacity: Int = 512) { out = ByteWriter(capacity: capacity) }

    /// How many bytes were written.
    @inlinable public var count: Int { out.count }

    @inlinable public mutating func beginObject() { open(UInt8(ascii: "{")) }
    @inlinable public mutating func endObject() { close(UInt8(ascii: "}")) }
    @inlinable public mutating func beginArray() { open(UInt8(ascii: "[")) }
    @inlinable public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Writes a member's name that needs no escaping: a literal without quote, backslash or control character.
    @inlinable public mutating func key(_ name: StaticString) {
        let length = name.utf8CodeUnitCount
        let comma = needsComma
        out.append(upTo: length &+ 4) { start in
            let at = JSONWriter.open(start, comma)
            ShortBytes.copy(name.utf8Start, to: at, count: length)
            (at + length).storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
            (at + length).storeBytes(of: UInt8(ascii: ":"), toByteOffset: 1, as: UInt8.self)
            return at + (length &+ 2)
        }
        needsComma = false
    }

    /// Writes a member's name, escaped where it must be.
    public mutating func key(_ name: String) {
        escape(name)
        out.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a string, escaped where it must be.
    public mutating func value(_ text: String) {
        escape(text)
        needsComma = true
    }

    /// Writes a string that needs no escaping.
    @inlinable public mutating func value(_ text: StaticString) {
        comma()
        out.append(UInt8(ascii: "\""))
        out.append(text)
        out.append(UInt8(ascii: "\""))
        needsComma = true
    }

    @inlinable public mutating func value(_ number: Int) {
        comma()
        out.append(decimal: number)
        needsComma = true
    }

    /// Writes the shortest digits that read back as the same number, which must be finite: JSON has no other.
    public mutating func value(_ number: Double) {
        precondition(number.isFinite, "JSON has no infinity and no NaN")
        comma()
        out.append(number.description)
        needsComma = true
    }

    @inlinable public mutating func value(_ bool: Bool) {
        comma()
        out.append(bool ? "true" : "false")
        needsComma = true
    }

    @inlinable public mutating func null() {
        comma()
        out.append("null")
        needsComma = true
    }

    /// Writes a value that is JSON already.
    @inlinable public mutating func raw(_ json: UnsafeRawBufferPointer) {
        comma()
        out.append(json)
        needsComma = true
    }

    /// Writes a value that is JSON already.
    @inlinable public mutating func raw(_ json: [UInt8]) { json.withUnsafeBytes { raw($0) } }

    /// Writes a string whose bytes `fill` appends and that need no escaping: an id, a time.
    @inlinable public mutating func quoted(_ fill: (inout ByteWriter) -> Void) {
        comma()
        out.append(UInt8(ascii: "\""))
        fill(&out)
        out.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// Forgets what was written and keeps the memory.
    @inlinable public mutating func reset() {
        out.truncate()
        needsComma = false
        depth = 0
    }

    /// What was written; then it is as if reset.
    public mutating func finish() -> [UInt8] {
        assert(depth == 0, "an object or array was left open")
        let bytes = out.array
        reset()
        return bytes
    }

    /// What was written so far, without a copy.
    @inlinable public func withUnsafeBytes<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try out.withUnsafeBytes(body)
    }

    @inlinable mutating func open(_ bracket: UInt8) {
        comma()
        out.append(bracket)
        needsComma = false
        depth &+= 1
    }

    @inlinable mutating func close(_ bracket: UInt8) {
        depth &-= 1
        assert(depth >= 0, "closed more than was opened")
        out.append(bracket)
        needsComma = true
    }

    /// Writes a comma if asked to, and a quote; gives what is behind them.
    @inlinable @inline(__always) static func open(_ start: UnsafeMutableRawPointer, _ comma: Bool) -> UnsafeMutableRawPointer {
        // Both are written either way, and the quote over the comma when there is to be none: a store is cheaper than a branch.
        start.storeBytes(of: UInt8(ascii: ","), as: UInt8.self)
        let quote = start + (comma ? 1 : 0)
        quote.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
        return quote + 1
    }

    @inlinable mutating func comma() {
        if needsComma { out.append(UInt8(ascii: ",")) }
    }
}
