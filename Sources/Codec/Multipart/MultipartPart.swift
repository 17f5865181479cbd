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
            switch line.name {
            case "content-disposition":
                guard disposition == nil, let value = HeaderValue(line.value) else { throw .badHeader }
                disposition = value
            case "content-type":
                guard type == nil else { throw .badHeader }
                type = line.value
            case "content-transfer-encoding":
                guard ["7bit", "8bit", "binary"].contains(line.value.lowercased()) else { throw .encodedPart }
            default: break
            }
        }
        guard let disposition, disposition.value == "form-data", let name = disposition["name"] else { throw .noName }
        self.name = name
        contentType = type
        switch disposition.extended("filename") {
        case .some(.none): throw .badHeader
        case .some(.some(let extended)): filename = extended
        case .none: filename = disposition["filename"]
        }
    }

    /// One header line: no folding, no control characters, UTF-8.
    private struct Line {
        let name: String
        let value: String

        init(_ bytes: UnsafeRawBufferPointer) throws(MultipartParser.Fault) {
            guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0,
                bytes[..<colon].allSatisfy(HeaderValue.isTokenByte), UTF8Check.accepts(bytes),
                !bytes.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F })
            else { throw .badHeader }
            name = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[..<colon]), as: UTF8.self).lowercased()
            var value = bytes[(colon + 1)...]
            while let first = value.first, first == 0x20 || first == 0x09 { value = value.dropFirst() }
            while let last = value.last, last == 0x20 || last == 0x09 { value = value.dropLast() }
            self.value = String(decoding: UnsafeRawBufferPointer(rebasing: value), as: UTF8.self)
        }
    }
}
