internal import Codec
internal import Domain
public import HTTP

/// The `ETag` of a single thing: its revision, and a word for what of it is shown. Two views of one revision differ in their tags, and
/// `If-Match` compares the revision alone.
public struct EntityTag: Sendable {
    let revision: Int
    let view: String

    /// - Parameter texts: what is shown beside that and may change while the revision does not, such as somebody's name. It may be told
    ///   from the tag no more than that it is the same.
    public init(revision: Int, view: String, with texts: [String?] = []) {
        self.revision = revision
        self.view = texts.isEmpty ? view : "\(view).\(Self.mark(of: texts))"
    }

    private static func mark(of texts: [String?]) -> String {
        // FNV-1a. A zero byte parts them, and a one stands for what is not there.
        var sum: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ byte: UInt8) { sum = (sum ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        for text in texts {
            if let text { for byte in text.utf8 { add(byte) } } else { add(1) }
            add(0)
        }
        return String(unsafeUninitializedCapacity: 12) { digits in
            for place in 0..<12 { digits[place] = Hex.digit(UInt8(sum >> UInt64(4 * place) & 15)) }
            return 12
        }
    }

    public var field: Response.Field { Response.Field("etag", "\"\(revision)-\(view)\"") }

    /// The revision in a tag of ours; nil for what is none.
    static func revision(in tag: UnsafeRawBufferPointer) -> Int? {
        let quote = UInt8(ascii: "\"")
        guard tag.count >= 2, tag.first == quote, tag.last == quote else { return nil }
        let digits = tag[1..<tag.count - 1].prefix { $0 != UInt8(ascii: "-") }
        guard (1...18).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}

extension Request {
    /// The revision that `If-Match` asks for; nil without the field, or when it is `*`. A tag that is none of ours matches nothing.
    func expectedRevision() throws -> Int? {
        var revision: Int?
        var count = 0
        var isAny = false
        guard has(.ifMatch) else { return nil }
        eachTag(of: .ifMatch) { tag in
            if tag.elementsEqual("*".utf8) { isAny = true }
            guard let found = EntityTag.revision(in: tag) else { return }
            revision = found
            count += 1
        }
        if isAny { return nil }
        guard count <= 1 else { throw Refusal.badRequest("If-Match may name one tag") }
        return revision ?? -1
    }

    /// Whether `If-Match` asks for another state than the one of this tag. Two views of one revision are one state.
    fileprivate func asksForOther(than tag: String) -> Bool {
        guard has(.ifMatch) else { return false }
        let revision = Array(tag.utf8).withUnsafeBytes { EntityTag.revision(in: $0) }
        var isMatched = false
        eachTag(of: .ifMatch) { asked in
            if asked.elementsEqual("*".utf8) || asked.elementsEqual(tag.utf8) { isMatched = true }
            if let revision, EntityTag.revision(in: asked) == revision { isMatched = true }
        }
        return !isMatched
    }
}

extension Response {
    /// The answer to a GET, or what stands in its place by the request's conditions (RFC 9110, 13.2.2): 412 when `If-Match` names another
    /// state, and 304 when `If-None-Match` names this one.
    func unlessKnown(to request: Request) -> Response {
        guard let tag = fields.first(where: { $0.name.description == "etag" }) else { return self }
        if request.asksForOther(than: tag.value) {
            return Refusal(.preconditionFailed, "This is not what If-Match names any more").response(for: request)
        }
        return request.has(tag: tag.value) ? Response(.notModified, fields: fields) : self
    }
}
