public import Domain
internal import Storage

/// A file, and the copy in which it is to be had.
public struct StoredAttachment: Sendable {
    public let attachment: Attachment
    public let copy: FileKey
}

extension Look {
    /// A file that the caller may see. Throws `.notFound` for every other.
    public func attachment(_ id: Attachment.ID, as caller: Caller) async throws -> StoredAttachment {
        let found = try await db.attachment(id)
        guard caller.maySee(found.standing) else { throw Self.noAttachment }
        return found.stored
    }

    /// A file by an address that we signed. Throws `.unauthorized` when we did not, or its time is over, and `.notFound` when the file
    /// has gone meanwhile, or its ticket is in the bin.
    public func attachment(_ id: Attachment.ID, signature: String, expires: Int) async throws -> StoredAttachment {
        guard desk.attachmentLinks.isGood(signature, of: id, expires: expires, at: now) else {
            throw DeskError.unauthorized("This address is not good any more")
        }
        let found = try await db.attachment(id)
        if found.standing.comment?.ticket.isInBin == true { throw Self.noAttachment }
        return found.stored
    }

    static var noAttachment: DeskError { .notFound("Attachment not found") }
}

extension Connection {
    /// Throws `.notFound`; what was on a comment that is gone is not there.
    fileprivate func attachment(_ id: Attachment.ID) async throws -> (stored: StoredAttachment, standing: AttachmentStanding) {
        let found = try await first(
            """
            SELECT a.name, a.size, a.content_type, a.digest, b.file, a.uploader_id, c.is_private, t.requester_id, t.assignee_id, t.deleted_at
            FROM attachments a JOIN blobs b ON b.digest = a.digest
            LEFT JOIN comments c ON c.id = a.comment_id LEFT JOIN tickets t ON t.id = c.ticket_id
            WHERE a.id = \(id) AND a.is_deleted = FALSE AND c.deleted_at IS NULL
            """
        ) { row in
            let attachment = Attachment(id: id, name: row.text(), size: row.int(), type: row.word())
            let copy = FileKey(digest: row.bytes(), copy: row.uuid())
            return (stored: StoredAttachment(attachment: attachment, copy: copy), standing: row.attachmentStanding())
        }
        guard let found else { throw Look.noAttachment }
        return found
    }
}

extension Row {
    fileprivate mutating func attachmentStanding() -> AttachmentStanding {
        let uploader = id(of: Person.self)
        let isPrivate = optionalBool()
        let requester = optionalID(of: Person.self)
        let assignee = optionalID(of: Person.self)
        let isInBin = optionalMoment() != nil
        guard let isPrivate, let requester else { return AttachmentStanding(uploader: uploader, comment: nil) }
        let ticket = TicketStanding(requester: requester, assignee: assignee, isInBin: isInBin)
        return AttachmentStanding(uploader: uploader, comment: (ticket, isPrivate ? .private : .public))
    }
}
