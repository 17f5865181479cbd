internal import Codec
internal import HTTP

/// The one range that a request asks for (RFC 9110, 14.1.2). Several at once, other units and what is malformed ask for the whole.
enum ByteRange: Equatable {
    case whole
    case part(Range<Int>)
    case unsatisfiable

    init(_ field: String, of size: Int) {
        var field = field
        self = field.withUTF8 { ByteRange(UnsafeRawBufferPointer($0), of: size) }
    }

    init(_ field: UnsafeRawBufferPointer, of size: Int) {
        self = .whole
        guard UnsafeRawBufferPointer(rebasing: field.prefix(6)).equalsIgnoringCase("bytes=") else { return }
        let bounds = field.dropFirst(6).split(separator: UInt8(ascii: "-"), maxSplits: 1, omittingEmptySubsequences: false).map {
            UnsafeRawBufferPointer(rebasing: $0).trimmed
        }
        guard bounds.count == 2, bounds.allSatisfy({ $0.allSatisfy { $0 >= 48 && $0 <= 57 } }) else { return }
        // A number too large for us lies behind the end of every file.
        let numbers = bounds.map { $0.isEmpty ? nil : Self.number($0) ?? Int.max }
        switch (numbers[0], numbers[1]) {
        case (nil, nil): return
        case (nil, let last?): self = last == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - last)..<size)
        case (let first?, let last):
            if let last, last < first { return }
            self = first >= size ? .unsatisfiable : .part(first..<min(size, (last ?? size - 1).saturatingNext))
        }
    }

    private static func number(_ digits: UnsafeRawBufferPointer) -> Int? { Int(String(decoding: digits, as: UTF8.self)) }
}

extension Int {
    fileprivate var saturatingNext: Int { self == .max ? self : self + 1 }
}
