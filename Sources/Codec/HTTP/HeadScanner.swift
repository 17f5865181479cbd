internal import Glibc

/// Finds the end of a head in bytes that come piece by piece, and looks at each byte once however many pieces there are.
///
/// It refuses a bare LF as soon as it sees one, what begins no request, and what is too large before more of it is received. Waiting for
/// a CRLF that never comes would turn a malformed request into a slow one.
public struct HeadScanner: Sendable {
    public enum Progress: Sendable, Equatable {
        case incomplete
        /// The head, with the empty line, is this long.
        case complete(Int)
    }

    /// All fields together, with the empty line.
    public static let fieldsLimit = 16 * 1024
    /// The longest target, a method and a version around it.
    private static let requestLineLimit = RequestHead.targetLimit + 64

    /// How much of a head was seen to hold no end.
    private var scanned = 0
    private var lineStart = 0
    private var requestLineLength = 0

    public init() {}

    /// Looks at `bytes`, the whole head as far as it has come. After `.complete` the scanner is ready for the next head.
    @inline(__always)
    public mutating func scan(_ bytes: UnsafeRawBufferPointer) throws(HTTPFault) -> Progress {
        guard let base = bytes.baseAddress else { return .incomplete }
        while scanned < bytes.count {
            guard let found = memchr(base + scanned, 0x0A, bytes.count &- scanned) else {
                scanned = bytes.count
                break
            }
            let at = UnsafeRawPointer(found) - base
            guard at > 0, bytes[at &- 1] == ASCII.carriageReturn else { throw .bareLineFeed }
            scanned = at &+ 1
            if at &- 1 == lineStart && lineStart > 0 {
                try checkSize()
                let length = scanned
                self = HeadScanner()
                return .complete(length)
            }
            if lineStart == 0 { requestLineLength = scanned }
            lineStart = scanned
        }
        try checkSize()
        try Self.checkBeginning(bytes)
        return .incomplete
    }

    /// Refuses bytes that no request begins with, such as TLS, SSH or something binary: a method is letters and a few marks, and a blank
    /// and a target follow. Looks at no more than the longest method anybody uses, however often it is called.
    private static func checkBeginning(_ bytes: UnsafeRawBufferPointer) throws(HTTPFault) {
        for index in 0..<min(bytes.count, 32) where !ASCII.isToken(bytes[index]) {
            guard index > 0, bytes[index] == ASCII.space else { throw .requestLine }
            guard index &+ 1 < bytes.count else { return }
            let first = bytes[index &+ 1]
            guard ASCII.isToken(first) || first == UInt8(ascii: "/") else { throw .target }
            return
        }
    }

    private func checkSize() throws(HTTPFault) {
        if requestLineLength == 0 ? scanned > Self.requestLineLimit : requestLineLength > Self.requestLineLimit { throw .targetTooLong }
        if requestLineLength > 0, scanned &- requestLineLength > Self.fieldsLimit { throw .headTooLarge }
    }
}
