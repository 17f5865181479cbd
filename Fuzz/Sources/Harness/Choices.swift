/// Takes the first bytes of an input as choices of the harness (where to cut, which setting), and leaves the rest to the parser.
public struct Choices {
    public private(set) var rest: UnsafeRawBufferPointer

    public init(_ input: UnsafeRawBufferPointer) { rest = input }

    /// The next byte; zero when there is none.
    public mutating func byte() -> UInt8 {
        guard let first = rest.first else { return 0 }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst())
        return first
    }

    public mutating func flag() -> Bool { byte() & 1 == 1 }

    /// A number under `bound`, which must be positive.
    public mutating func number(below bound: Int) -> Int { (Int(byte()) << 8 | Int(byte())) % bound }

    /// The next bytes, `count` of them at most.
    public mutating func bytes(_ count: Int) -> UnsafeRawBufferPointer {
        let taken = UnsafeRawBufferPointer(rebasing: rest.prefix(count))
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        return taken
    }

    /// Ways to cut what is left into pieces: not at all, at one place, into small ones. Where, three bytes say.
    public mutating func cuts() -> [[Range<Int>]] {
        let wish = (number(below: 1 << 16), Int(byte() % 9) + 1)
        let count = rest.count
        let place = wish.0 % (count + 1)
        return [
            [0..<count], [0..<place, place..<count],
            stride(from: 0, to: count, by: wish.1).map { $0..<min(count, $0 + wish.1) },
        ]
    }
}

/// A copy of bytes that is all on its own: the address sanitizer sees a step beyond either end.
public func withCopy<Result>(of bytes: some Collection<UInt8>, _ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    return body(copy)
}
