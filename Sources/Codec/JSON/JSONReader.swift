/// Reads JSON by asking for what should come next: strict RFC 8259, no tree, no copy but the strings that are wanted.
///
/// It reads bytes that belong to somebody else and must outlive it. After a fault it stands anywhere and should be let go.
///
///     var reader = JSONReader(bytes)
///     try reader.beginObject()
///     while let name = try reader.nextName() {
///         if name.equals("title") { title = try reader.readString() } else { try reader.skipValue() }
///     }
///     try reader.finish()
public struct JSONReader: ~Copyable {
    /// Objects and arrays inside one another beyond this are refused, so that no body can exhaust a stack.
    public static let deepest = 64

    let base: UnsafeRawPointer
    let end: Int
    /// Whether the text is one that we have written ourselves. What was taken once must be read again, whatever is taken today.
    let isOurs: Bool
    /// How far it has read, in bytes.
    public internal(set) var offset = 0
    private var depth = 0
    /// Whether an object or array was just opened: then its first entry needs no comma before it.
    private var isFresh = false

    /// The bytes must stay where they are for as long as the reader and its `JSONText`s live.
    ///
    /// - Parameter ours: whether we have written the text ourselves, as what is kept in a database.
    public init(_ bytes: UnsafeRawBufferPointer, ours isOurs: Bool = false) {
        self.isOurs = isOurs
        base = bytes.baseAddress ?? UnsafeRawPointer(("" as StaticString).utf8Start)
        end = bytes.count
    }

    /// What kind of value comes next, judged by its first byte.
    public enum Kind: Sendable {
        case object, array, string, number, bool, null
    }

    /// Looks at the next value without taking it.
    public mutating func peek() throws(JSONFault) -> Kind {
        switch try firstByte() {
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw fault(.unexpectedByte)
        }
    }

    // MARK: Objects and arrays

    /// Takes the `{`. Ask `nextName` until it gives nil.
    public mutating func beginObject() throws(JSONFault) { try open(UInt8(ascii: "{")) }

    /// Takes the `[`. Ask `nextElement` until it gives false.
    public mutating func beginArray() throws(JSONFault) { try open(UInt8(ascii: "[")) }

    /// The name of the object's next member, whose value comes next; nil when the object is over, its `}` taken. Throws for what cannot be a
    /// name: `.nameTooLong`, `.tooManyMarks`.
    public mutating func nextName() throws(JSONFault) -> JSONText? {
        guard try more(before: UInt8(ascii: "}")) else { return nil }
        guard try firstByte() == UInt8(ascii: "\"") else { throw fault(.unexpectedByte) }
        let start = offset
        let name = try readText()
        if name.hasTooManyMarks { throw JSONFault(.tooManyMarks, at: start) }
        if name.isLongerThanNames && !isOurs { throw JSONFault(.nameTooLong, at: start) }
        guard try firstByte() == UInt8(ascii: ":") else { throw fault(.unexpectedByte) }
        offset &+= 1
        return name
    }

    /// The same as a value, for sets and dictionaries of names.
    public mutating func nextByteName() throws(JSONFault) -> ByteName? {
        guard let name = try nextName() else { return nil }
        guard let text = name.string else { throw fault(.tooManyMarks) }
        return ByteName(text)
    }

    /// Whether the array has another element, which comes next; false when it is over, its `]` taken.
    public mutating func nextElement() throws(JSONFault) -> Bool { try more(before: UInt8(ascii: "]")) }

    private mutating func open(_ bracket: UInt8) throws(JSONFault) {
        guard try firstByte() == bracket else { throw fault(.otherKind) }
        guard depth < JSONReader.deepest else { throw fault(.tooDeep) }
        depth &+= 1
        offset &+= 1
        isFresh = true
    }

    /// Takes the comma before the next entry, or the closing bracket.
    @inline(__always) private mutating func more(before bracket: UInt8) throws(JSONFault) -> Bool {
        let byte = try firstByte()
        if byte == bracket {
            depth &-= 1
            offset &+= 1
            isFresh = false
            return false
        }
        if isFresh {
            isFresh = false
            return true
        }
        guard byte == UInt8(ascii: ",") else { throw fault(.unexpectedByte) }
        offset &+= 1
        return true
    }

    // MARK: Words

    /// Takes `true` or `false`.
    public mutating func readBool() throws(JSONFault) -> Bool {
        if try firstByte() == UInt8(ascii: "t") {
            try take("true")
            return true
        }
        try take("false")
        return false
    }

    /// Takes `null` when that comes next, and says whether it did.
    public mutating func readNull() throws(JSONFault) -> Bool {
        guard try firstByte() == UInt8(ascii: "n") else { return false }
        try take("null")
        return true
    }

    private mutating func take(_ word: StaticString) throws(JSONFault) {
        for at in 0..<word.utf8CodeUnitCount {
            guard offset < end else { throw fault(.endOfText) }
            guard byte(at: offset) == word.utf8Start[at] else { throw fault(at == 0 ? .otherKind : .unexpectedByte) }
            offset &+= 1
        }
    }

    // MARK: Whole values

    /// Passes over the next value, whatever it is; it must be well-formed all the same.
    public mutating func skipValue() throws(JSONFault) {
        switch try peek() {
        case .string: _ = try readText()
        case .number: _ = try scanNumber()
        case .bool: _ = try readBool()
        case .null: _ = try readNull()
        case .object:
            try beginObject()
            while try nextName() != nil { try skipValue() }
        case .array:
            try beginArray()
            while try nextElement() { try skipValue() }
        }
    }

    /// Says that nothing should come any more; throws when something but white space does.
    public mutating func finish() throws(JSONFault) {
        skipWhitespace()
        guard offset == end else { throw fault(.trailingBytes) }
    }

    // MARK: Bytes

    func fault(_ reason: JSONFault.Reason) -> JSONFault { JSONFault(reason, at: offset) }

    @inline(__always) func byte(at place: Int) -> UInt8 { base.load(fromByteOffset: place, as: UInt8.self) }

    /// The first byte that is not white space, not taken.
    @inline(__always) mutating func firstByte() throws(JSONFault) -> UInt8 {
        if offset < end {
            let first = byte(at: offset)
            if first > 0x20 { return first }
        }
        skipWhitespace()
        guard offset < end else { throw fault(.endOfText) }
        return byte(at: offset)
    }

    private mutating func skipWhitespace() {
        while offset < end {
            switch byte(at: offset) {
            case 0x20, 0x0A, 0x0D, 0x09: offset &+= 1
            default: return
            }
        }
    }
}
