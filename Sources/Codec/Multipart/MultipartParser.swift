import Glibc

/// Reads `multipart/form-data` (RFC 7578 over RFC 2046) as it arrives. A pure value: it copies no content and does no I/O.
///
/// Give it the bytes that are there and ask for events until it says `.needMore`; then keep the bytes from `at` on, put new ones
/// behind them, and ask again from 0. However the body is cut, the same parts come out.
///
///     while true {
///         switch try parser.next(bytes, &at) {
///         case .part(let part): …
///         case .bytes(let range): …           // within `bytes`
///         case .endPart: …
///         case .end: return
///         case .needMore: …                   // no more will come? then `parser.finish()` says what is missing
///         }
///     }
public struct MultipartParser: Sendable {
    /// The header block of one part may be this long, and so may what stands before the first part.
    public static let longestHeaders = 8192

    public enum Event: Equatable, Sendable {
        /// A part begins.
        case part(MultipartPart)
        /// The next piece of its content.
        case bytes(Range<Int>)
        /// Its content is over.
        case endPart
        /// The body is over; what follows the last boundary means nothing.
        case end
        /// Nothing more can be said without more bytes.
        case needMore
    }

    public enum Fault: Error, Equatable, Sendable {
        /// The body ends before its last boundary.
        case truncated
        /// A boundary is followed by something else than a line's end or `--`.
        case badBoundary
        /// No boundary where the first part should be.
        case noBoundary
        case badHeader
        case headersTooLarge
        /// A part that does not say which field it is.
        case noName
        /// A part in base64 or the like, which RFC 7578 has done away with.
        case encodedPart
        case tooManyParts
    }

    private enum State {
        case preamble, afterBoundary, headers, contentStart, content, end
    }

    /// CR LF `--` and the boundary.
    private let delimiter: [UInt8]
    private let mostParts: Int
    private var parts = 0
    private var passed = 0
    private var state = State.preamble

    public init(boundary: String, mostParts: Int = 100) {
        delimiter = Array("\r\n--\(boundary)".utf8)
        self.mostParts = mostParts
    }

    /// The boundary in the value of a `Content-Type`; nil when that is no good `multipart/form-data`.
    public static func boundary(of contentType: String) -> String? {
        guard let type = HeaderValue(contentType), type.value.equals("multipart/form-data"), let boundary = type["boundary"] else {
            return nil
        }
        let isGood = boundary.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "'()+_,-./:=? ".utf8.contains(byte)
            }
        }
        return isGood && (1...70).contains(boundary.utf8.count) && boundary.utf8.last != UInt8(ascii: " ") ? boundary : nil
    }

    /// The next event in `bytes` from `at` on, which moves past what is done with.
    public mutating func next(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) throws(Fault) -> Event {
        while true {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[at...])
            let before = at
            let event: Event?
            switch state {
            case .preamble: event = try passPreamble(rest, &at)
            case .afterBoundary: event = try passBoundary(rest, &at)
            case .headers: event = try readHeaders(rest, &at)
            case .contentStart: event = startContent(rest, &at)
            case .content: event = readContent(rest, &at)
            case .end: event = .end
            }
            if case .bytes(let range) = event { return .bytes((range.lowerBound + before)..<(range.upperBound + before)) }
            if let event { return event }
        }
    }

    /// Says that no more bytes will come. Throws when the body is not over.
    public func finish() throws(Fault) {
        guard state == .end else { throw .truncated }
    }

    // MARK: Between parts

    /// The first boundary may stand at the very start, without a line's end before it.
    private mutating func passPreamble(_ rest: UnsafeRawBufferPointer, _ at: inout Int) throws(Fault) -> Event? {
        if passed == 0 {
            let first = delimiter.dropFirst(2)
            if rest.count < first.count && first.starts(with: rest) { return .needMore }
            if rest.starts(with: first) { return follow(first.count, &at) }
        }
        if let found = find(in: rest) { return follow(found + delimiter.count, &at) }
        let done = max(0, rest.count - (delimiter.count - 1))
        passed += done
        at += done
        guard passed <= MultipartParser.longestHeaders else { throw .noBoundary }
        return .needMore
    }

    private mutating func follow(_ count: Int, _ at: inout Int) -> Event? {
        at += count
        passed = 0
        state = .afterBoundary
        return nil
    }

    /// After a boundary: blanks and a line's end, then headers; or `--`, and the body is over.
    private mutating func passBoundary(_ rest: UnsafeRawBufferPointer, _ at: inout Int) throws(Fault) -> Event? {
        let blanks = rest.prefix { $0 == 0x20 || $0 == 0x09 }.count
        guard blanks <= 64 else { throw .badBoundary }
        guard rest.count >= blanks + 2 else {
            // One byte says no as well as two: a fault must not depend on where the body was cut.
            guard blanks == rest.count || rest[blanks] == 0x0D || (blanks == 0 && rest[0] == UInt8(ascii: "-")) else { throw .badBoundary }
            return .needMore
        }
        if blanks == 0 && rest[0] == UInt8(ascii: "-") && rest[1] == UInt8(ascii: "-") {
            at += 2
            state = .end
            return nil
        }
        guard rest[blanks] == 0x0D && rest[blanks + 1] == 0x0A else { throw .badBoundary }
        guard parts < mostParts else { throw .tooManyParts }
        parts += 1
        at += blanks + 2
        state = .headers
        return nil
    }

    // MARK: One part

    private mutating func readHeaders(_ rest: UnsafeRawBufferPointer, _ at: inout Int) throws(Fault) -> Event? {
        if rest.count >= 2 && rest[0] == 0x0D && rest[1] == 0x0A { throw .noName }
        guard let end = MultipartParser.find([0x0D, 0x0A, 0x0D, 0x0A], in: rest.prefix(MultipartParser.longestHeaders)) else {
            guard rest.count < MultipartParser.longestHeaders else { throw .headersTooLarge }
            return .needMore
        }
        let part = try MultipartPart(headers: UnsafeRawBufferPointer(rebasing: rest[..<end]))
        // The empty line stays: where the content is left out, it begins the next boundary.
        at += end + 2
        state = .contentStart
        return .part(part)
    }

    private mutating func startContent(_ rest: UnsafeRawBufferPointer, _ at: inout Int) -> Event? {
        if rest.count < delimiter.count && delimiter.starts(with: rest) { return .needMore }
        state = .content
        if !rest.starts(with: delimiter) { at += 2 }
        return nil
    }

    private mutating func readContent(_ rest: UnsafeRawBufferPointer, _ at: inout Int) -> Event? {
        if let found = find(in: rest) {
            if found > 0 {
                at += found
                return .bytes(0..<found)
            }
            at += delimiter.count
            state = .afterBoundary
            return .endPart
        }
        let certain = rest.count - heldBack(in: rest)
        guard certain > 0 else { return .needMore }
        at += certain
        return .bytes(0..<certain)
    }

    /// How many bytes at the end may be the start of a boundary.
    private func heldBack(in rest: UnsafeRawBufferPointer) -> Int {
        var held = min(rest.count, delimiter.count - 1)
        while held > 0 && !delimiter.starts(with: rest.suffix(held)) { held -= 1 }
        return held
    }

    private func find(in bytes: UnsafeRawBufferPointer) -> Int? { MultipartParser.find(delimiter, in: bytes[...]) }

    /// Where `pattern` begins in `bytes`. `memchr` finds the few carriage returns faster than any search of ours.
    static func find(_ pattern: [UInt8], in slice: Slice<UnsafeRawBufferPointer>) -> Int? {
        let bytes = UnsafeRawBufferPointer(rebasing: slice)
        guard let base = bytes.baseAddress, let first = pattern.first else { return nil }
        var at = 0
        while at + pattern.count <= bytes.count {
            guard let hit = memchr(base + at, Int32(first), bytes.count - at - pattern.count + 1) else { return nil }
            at = UnsafeRawPointer(hit) - base
            if memcmp(hit, pattern, pattern.count) == 0 { return at }
            at += 1
        }
        return nil
    }
}
