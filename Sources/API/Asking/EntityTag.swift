internal import Codec
internal import Domain
public import HTTP

/// The `ETag` of a single thing: its revision, and a word for what of it is shown. Two views of one revision differ in their tags, and
/// `If-Match` compares the revision alone.
public struct EntityTag: Sendable {
    let revision: Int
    let view: String

    public init(revision: Int, view: String) {
        self.revision = revision
        self.view = view
    }

    public var field: Response.Field { Response.Field("etag", "\"\(revision)-\(view)\"") }

    /// The revision in a tag of ours; nil for what is none.
    static func revision(in tag: UnsafeRawBufferPointer) -> Int? {
        guard tag.count >= 2, tag.first == UInt8(ascii: "\""), tag.last == UInt8(ascii: "\"") else { return nil }
        let digits = tag.dropFirst().dropLast().prefix { $0 != UInt8(ascii: "-") }
        return digits.count <= 20 ? Int(String(decoding: digits, as: UTF8.self)) : nil
    }
}

extension Request {
    /// The revision that `If-Match` asks for; nil without the field, or when it is `*`. A tag that is none of ours matches nothing.
    func expectedRevision() throws -> Int? {
        let asked = withField(.ifMatch) { field in
            let tags = field.listMembers
            return (isAny: tags.contains { $0.elementsEqual("*".utf8) }, revisions: tags.compactMap { EntityTag.revision(in: $0) })
        }
        guard let asked, !asked.isAny else { return nil }
        guard asked.revisions.count <= 1 else { throw Refusal.badRequest("If-Match may name one tag") }
        return asked.revisions.first ?? -1
    }
}

extension Response {
    /// 304 in place of what the client has already: its `If-None-Match` names the tag (RFC 9110, 13.1.2: a weak comparison).
    func unlessKnown(to request: Request) -> Response {
        guard let tag = fields.first(where: { $0.name.description == "etag" }), request.has(tag.value) else { return self }
        return Response(.notModified, fields: fields)
    }
}
