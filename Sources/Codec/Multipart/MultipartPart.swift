/// What a part of a form says about itself.
public struct MultipartPart: Equatable, Sendable {
    /// The field it is for.
    public let name: String
    /// As the sender wrote it: a name to show, never a path to use. Nil when the part is no file.
    public let filename: String?
    public let contentType: String?

    /// Reads the header lines of a part, without the empty line after them.
    init(headers: UnsafeRawBufferPointer) throws(MultipartParser.Fault) {
        var disposition: HeaderValue?
        var type: String?
        var rest = headers
        while !rest.isEmpty {
            let length = MultipartParser.find([0x0D, 0x0A], in: rest[...]) ?? rest.count
            let line = try Line(UnsafeRawBufferPointer(rebasing: rest[..<length]))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(length + 2))
            if line.name.equalsIgnoringCase("content-disposition") {
                guard disposition == nil, let value = HeaderValue(line.value) else { throw .badHeader }
                disposition = value
            } else if line.name.equalsIgnoringCase("content-type") {
                guard type == nil else { throw .badHeader }
                type = line.value
            } else if line.name.equalsIgnoringCase("content-transfer-encoding") {
                guard MultipartPart.plainEncodings.contains(where: line.value.equalsIgnoringCase) else { throw .encodedPart }
            }
        }
        guard let disposition, disposition.value.equals("form-data"), let name = disposition["name"] else { throw .noName }
        self.name = name
        contentType = type
        switch disposition.extended("filename") {
        case .some(.none): throw .badHeader
        case .some(.some(let extended)): filename = extended
        case .none: filename = disposition["filename"]
        }
    }

    private static var plainEncodings: [StaticString] { ["7bit", "8bit", "binary"] }

    /// One header line: no folding, no control characters, UTF-8, few combining marks in a row.
    private struct Line {
        let name: UnsafeRawBufferPointer
        let value: String

        init(_ bytes: UnsafeRawBufferPointer) throws(MultipartParser.Fault) {
            guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0,
                bytes[..<colon].allSatisfy(HeaderValue.isTokenByte),
                !bytes.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F })
            else { throw .badHeader }
            name = UnsafeRawBufferPointer(rebasing: bytes[..<colon])
            var value = bytes[(colon + 1)...]
            while let first = value.first, first == 0x20 || first == 0x09 { value = value.dropFirst() }
            while let last = value.last, last == 0x20 || last == 0x09 { value = value.dropLast() }
            guard let text = String(received: UnsafeRawBufferPointer(rebasing: value)) else { throw .badHeader }
            self.value = text
        }
    }
}
