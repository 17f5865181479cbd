public import Domain
internal import Storage

extension Work {
    /// Files that the caller has sent and used nowhere yet, in the order of the ids, locked. Throws `.invalid`, with all that are none.
    func unusedUploads(_ ids: [Attachment.ID], at places: [Int], of caller: Caller) async throws -> [Attachment] {
        if ids.isEmpty { return [] }
        let found = try await db.all(
            """
            SELECT id, name, size, content_type FROM attachments
            WHERE id IN \(list: ids) AND uploader_id = \(caller.id) AND comment_id IS NULL AND is_deleted = FALSE ORDER BY id\(db.engine.lock)
            """
        ) { row in Attachment(id: row.id(), name: row.text(), size: row.int(), type: row.word()) }
        let known = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0) })
        var faults: [InvalidField] = []
        var seen: Set<Attachment.ID> = []
        var uploads: [Attachment] = []
        for (index, id) in ids.enumerated() {
            if let upload = known[id], seen.insert(id).inserted {
                uploads.append(upload)
            } else {
                let place = places.isEmpty ? index : places[index]
                faults.append(InvalidField("attachments.\(place)", "not_found", "There is no such upload of yours that is unused"))
            }
        }
        guard faults.isEmpty else { throw DeskError.invalid(faults) }
        return uploads
    }

    /// Deletes a file that the caller has sent. Throws `.notFound` for what they may not see, `.forbidden` for another's, `.conflict` for
    /// one that is on a comment.
    public func deleteUpload(_ id: Attachment.ID, as caller: Caller) async throws {
        // Locked before it is looked at: somebody may be putting it on a comment.
        let row = try await db.first(
            "SELECT uploader_id, comment_id FROM attachments WHERE id = \(id) AND is_deleted = FALSE\(db.engine.lock)"
        ) { row in (uploader: row.id(of: Person.self), comment: row.optionalID(of: Comment.self)) }
        guard let row else { throw Look.noAttachment }
        if row.comment != nil {
            _ = try await look.attachment(id, as: caller)
            guard row.uploader == caller.id else { throw DeskError.forbidden("Only its uploader may delete a file") }
            throw DeskError.conflict("This file is on a comment: delete the comment, and it goes too")
        }
        guard row.uploader == caller.id else { throw Look.noAttachment }
        try await db.run("UPDATE attachments SET is_deleted = TRUE, unused_since = \(now) WHERE id = \(id)")
    }
}

extension Connection {
    /// Puts files on a comment, after both are there.
    func attach(_ files: [Attachment], to comment: Comment.ID) async throws {
        if files.isEmpty { return }
        try await runSoon("UPDATE attachments SET comment_id = \(comment) WHERE id IN \(list: files.map(\.id))")
    }

    /// Takes the files off a comment that goes.
    func releaseAttachments(of comment: Comment.ID, at now: Moment) async throws {
        try await run("UPDATE attachments SET comment_id = NULL, is_deleted = TRUE, unused_since = \(now) WHERE comment_id = \(comment)")
    }

    /// The same for all comments of tickets that go for good.
    func releaseAttachments(of tickets: [Ticket.ID], at now: Moment) async throws {
        let contents = try await all(
            """
            DELETE FROM attachments WHERE comment_id IN (SELECT c.id FROM comments c WHERE c.ticket_id IN \(list: tickets))
            RETURNING uploader_id, digest, size
            """
        ) { $0.releasedContent() }
        try await release(contents, since: now)
    }

    /// Counts uses of contents that are over, and what they counted for who sent them. In the order of the digests and then of the people, so
    /// that two who do this wait for each other and no more.
    func release(_ contents: [ReleasedContent], since moment: Moment) async throws {
        var counts: [[UInt8]: Int] = [:]
        var sizes: [Person.ID: Int] = [:]
        for content in contents {
            counts[content.digest, default: 0] += 1
            sizes[content.uploader, default: 0] += content.size
        }
        for (digest, count) in counts.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            try await runSoon(
                """
                UPDATE blobs SET refs = refs - \(count), unused_since = CASE WHEN refs = \(count) THEN CAST(\(moment) AS bigint) ELSE NULL END
                WHERE digest = \(digest)
                """)
        }
        for (person, size) in sizes.sorted(by: { $0.key.bits < $1.key.bits }) {
            try await runSoon(
                """
                UPDATE upload_totals SET bytes = CASE WHEN bytes > \(size) THEN bytes - \(size) ELSE 0 END WHERE person_id = \(person)
                """)
        }
    }
}

/// What a file that goes refers to, and for whom it counts.
struct ReleasedContent {
    let uploader: Person.ID
    let digest: [UInt8]
    let size: Int
}

extension Row {
    /// Reads `uploader_id, digest, size`.
    mutating func releasedContent() -> ReleasedContent { ReleasedContent(uploader: id(), digest: bytes(), size: int()) }
}
