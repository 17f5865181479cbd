internal import Codec
public import Domain

/// Addresses under which a file can be had for a while by whoever holds them: `/attachments/{id}?expires=…&signature=…`.
///
/// All that are made within a quarter of an hour are the same and end together, so that an answer that tells them keeps its `ETag` and a
/// browser its cache. Each is good for a quarter of an hour at least and for half an hour at most.
public struct AttachmentLinks: Sendable {
    private let key: HMACKey
    /// Those that addresses were signed with before, and are good still.
    private let previous: [HMACKey]
    private let publicURL: String
    static let seconds = 900

    init(secret: [UInt8], previous: [[UInt8]] = [], publicURL: String) {
        key = Self.key(of: secret)
        self.previous = previous.map(Self.key)
        self.publicURL = publicURL
    }

    private static func key(of secret: [UInt8]) -> HMACKey {
        HMACKey(HKDF.derive(32, from: secret, info: Array("martlet attachment links".utf8)))
    }

    /// When the addresses that are made now end, in seconds since 1970.
    public static func expiry(at now: Moment) -> Int { (now.milliseconds / 1000 / seconds + 2) * seconds }

    func url(of id: Attachment.ID, at now: Moment) -> String {
        let expires = Self.expiry(at: now)
        let signature = Base64.encode(Self.code(id, expires, key), .url, padded: false)
        return "\(publicURL)/attachments/\(id.text)?expires=\(expires)&signature=\(signature)"
    }

    /// Whether we made this signature, for this file, and its time is not over.
    func isGood(_ signature: String, of id: Attachment.ID, expires: Int, at now: Moment) -> Bool {
        guard let bytes = Base64.decode(signature, .url, padded: false) else { return false }
        let isOurs = ([key] + previous).contains { Secret.areEqual(bytes, Self.code(id, expires, $0)) }
        return isOurs && now.milliseconds / 1000 < expires
    }

    /// The file that an address of ours is about, signed or not; nil for every other address.
    func id(in url: String) -> Attachment.ID? {
        let start = publicURL + "/attachments/"
        guard url.hasPrefix(start) else { return nil }
        let rest = url.dropFirst(start.count)
        return UUID(String(rest.prefix { $0 != "?" && $0 != "#" })).map { Attachment.ID($0.bits) }
    }

    private static func code(_ id: Attachment.ID, _ expires: Int, _ key: HMACKey) -> [UInt8] {
        Array("attachment\n\(id.text)\n\(expires)".utf8).withUnsafeBytes { key.code(of: $0) }
    }
}

extension AttachmentLinks {
    /// The comment with addresses for its files, as it is shown to somebody now.
    func shown(_ comment: Comment, at now: Moment) -> Comment {
        guard !comment.attachments.isEmpty else { return comment }
        var comment = comment
        for index in comment.attachments.indices { comment.attachments[index].url = url(of: comment.attachments[index].id, at: now) }
        return comment
    }

    /// The same for an event that tells of one.
    func shown(_ event: Event, at now: Moment) -> Event {
        guard case .comment(let comment) = event.subject, !comment.attachments.isEmpty else { return event }
        var event = event
        event.subject = .comment(shown(comment, at: now))
        return event
    }
}

extension Look {
    func shown(_ comment: Comment) -> Comment { desk.attachmentLinks.shown(comment, at: now) }
}

extension Work {
    func shown(_ comment: Comment) -> Comment { desk.attachmentLinks.shown(comment, at: now) }
}

extension Work {
    /// The file that an address of ours is about; nil for every other address.
    public func attachment(in url: String) -> Attachment.ID? { desk.attachmentLinks.id(in: url) }
}
