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
    static func revision(in tag: Substring) -> Int? {
        guard tag.count >= 2, tag.first == "\"", tag.last == "\"" else { return nil }
        return Int(tag.dropFirst().dropLast().prefix { $0 != "-" })
    }
}

extension Request {
    /// The revision that `If-Match` asks for; nil without the field, or when it is `*`. A tag that is none of ours matches nothing.
    func expectedRevision() throws -> Int? {
        guard let field = self[.ifMatch] else { return nil }
        let tags = Self.tags(field)
        if tags.contains("*") { return nil }
        let revisions = tags.compactMap { EntityTag.revision(in: $0) }
        guard revisions.count <= 1 else { throw Refusal.badRequest("If-Match may name one tag") }
        return revisions.first ?? -1
    }

    static func tags(_ field: String) -> [Substring] {
        field.split(separator: ",").map { tag in
            var tag = tag
            while tag.first == " " || tag.first == "\t" { tag = tag.dropFirst() }
            while tag.last == " " || tag.last == "\t" { tag = tag.dropLast() }
            return tag
        }
    }
}

extension Response {
    /// 304 in place of what the client has already: its `If-None-Match` names the tag (RFC 9110, 13.1.2: a weak comparison).
    func unlessKnown(to request: Request) -> Response {
        guard let known = request[.ifNoneMatch], let tag = fields.first(where: { $0.name.description == "etag" }) else { return self }
        let isKnown = Request.tags(known).contains { $0 == "*" || $0 == tag.value || ($0.hasPrefix("W/") && $0.dropFirst(2) == tag.value) }
        return isKnown ? Response(.notModified, fields: fields) : self
    }
}
