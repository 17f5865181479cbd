internal import Codec
public import Domain
internal import Storage

/// A file that has come in whole.
public struct ReceivedFile: Sendable {
    public let name: String
    public let type: FileType
    public let content: FileContent

    /// - Parameter name: a harmless one; see `FileName`.
    public init(name: String, type: FileType, content: FileContent) {
        self.name = name
        self.type = type
        self.content = content
    }
}

extension Desk {
    /// How many files somebody may have sent that are on no comment yet.
    public static let mostUnusedUploads = 100

    /// Keeps an upload, which then waits for its comment. The same content is kept once, whoever sent it before.
    ///
    /// The file is there for good before the row that tells of it, so no row is without its file, whenever we are cut off. A copy that no
    /// row tells of is found by `sweepFiles`.
    ///
    /// - Parameters:
    ///   - request: for one that may be repeated.
    ///   - answer: what is then kept for repetitions.
    public func keepUpload(
        _ file: ReceivedFile, _ bytes: any IncomingFile, in store: any FileStore, as caller: Caller, once request: RepeatableRequest?,
        keeping answer: @escaping @Sendable (Attachment) -> KeptAnswer?
    ) async throws -> Outcome<Attachment> {
        let digest = file.content.digest
        if let known = try await read({ look in try await look.copy(of: digest) }) {
            // A copy that was lost, as by a backup that came back without its files, is put where it belongs.
            if try await !store.has(known, size: file.content.size) { try await store.keep(bytes, as: known) }
            let outcome = try await add(file, ownCopy: nil, as: caller, once: request, keeping: answer)
            if let outcome { return outcome.withoutCopy }
        }
        let own = FileKey(digest: digest, copy: outside.newID())
        try await store.keep(bytes, as: own)
        do {
            guard let outcome = try await add(file, ownCopy: own.copy, as: caller, once: request, keeping: answer) else {
                throw FileStoreFault("an upload was not noted")
            }
            if outcome.copy != own.copy { try? await store.remove(own) }
            return outcome.withoutCopy
        } catch let error as DeskError {
            // Nothing was written. After any other fault it may have been, and the copy be needed.
            try? await store.remove(own)
            throw error
        }
    }

    /// Notes an upload. Nil when there is no copy of its content, neither another's nor our own.
    private func add(
        _ file: ReceivedFile, ownCopy: UInt128?, as caller: Caller, once request: RepeatableRequest?,
        keeping answer: @escaping @Sendable (Attachment) -> KeptAnswer?
    ) async throws -> Outcome<NotedUpload>? {
        guard let request else {
            return try await write { work in try await work.add(file, ownCopy: ownCopy, as: caller) }.map { .done($0) }
        }
        do {
            return try await write(once: request) {
                answer($0.attachment)
            } _: { work in
                guard let noted = try await work.add(file, ownCopy: ownCopy, as: caller) else { throw NoCopy() }
                return noted
            }
        } catch is NoCopy {
            return nil
        }
    }

    private struct NoCopy: Error {}
}

/// An upload as it was noted, and the copy that it counts on.
struct NotedUpload: Sendable {
    let attachment: Attachment
    let copy: UInt128
}

extension Outcome<NotedUpload> {
    fileprivate var copy: UInt128? { if case .done(let noted) = self { noted.copy } else { nil } }

    fileprivate var withoutCopy: Outcome<Attachment> {
        switch self {
        case .done(let noted): .done(noted.attachment)
        case .repeated(let answer): .repeated(answer)
        }
    }
}

extension Look {
    /// The copy that is kept of that content.
    fileprivate func copy(of digest: [UInt8]) async throws -> FileKey? {
        try await db.first("SELECT file FROM blobs WHERE digest = \(digest)") { $0.uuid() }.map { FileKey(digest: digest, copy: $0) }
    }

    /// How many bytes the caller's next file may have; nil for any number. Asked before it is taken in.
    ///
    /// Throws `.conflict` to who has sent too many files without using them, and `.tooLarge` to who has used up their quota.
    public func roomForUpload(of caller: Caller) async throws -> Int? {
        let count = try await db.first(
            "SELECT count(*) FROM attachments WHERE uploader_id = \(caller.id) AND comment_id IS NULL AND is_deleted = FALSE"
        ) { $0.int() }
        guard count ?? 0 < Desk.mostUnusedUploads else {
            throw DeskError.conflict("Too many of your files are on no comment: use or delete some first")
        }
        guard let quota = desk.rules.uploadQuota(of: caller) else { return nil }
        let total = try await db.first("SELECT bytes FROM upload_totals WHERE person_id = \(caller.id)") { $0.int() } ?? 0
        guard total < quota else { throw DeskError.uploadQuota(quota) }
        return quota - total
    }
}

extension Work {
    fileprivate func add(_ file: ReceivedFile, ownCopy: UInt128?, as caller: Caller) async throws -> NotedUpload? {
        guard let copy = try await count(file.content, ownCopy: ownCopy) else { return nil }
        try await count(file.content.size, for: caller)
        var attachment = Attachment(
            id: Attachment.ID(outside.newID()), name: file.name, size: file.content.size, type: file.type)
        try await db.runSoon(
            """
            INSERT INTO attachments (id, digest, name, size, content_type, uploader_id, comment_id, unused_since)
            VALUES (
                \(attachment.id), \(file.content.digest), \(attachment.name), \(attachment.size), \(attachment.type.rawValue),
                \(caller.id), \(Comment.ID?.none), \(now))
            """)
        attachment.url = desk.attachmentLinks.url(of: attachment.id, at: now)
        return NotedUpload(attachment: attachment, copy: copy)
    }

    /// Counts the bytes of a file for its sender, after its content as everybody does. Throws `.tooLarge` when their quota does not hold it:
    /// others of their files may have come in meanwhile.
    private func count(_ size: Int, for caller: Caller) async throws {
        let total = try await db.first(
            """
            INSERT INTO upload_totals (person_id, bytes) VALUES (\(caller.id), \(size))
            ON CONFLICT (person_id) DO UPDATE SET bytes = upload_totals.bytes + excluded.bytes
            RETURNING bytes
            """
        ) { $0.int() }
        if let quota = rules.uploadQuota(of: caller), total ?? 0 > quota { throw DeskError.uploadQuota(quota) }
    }

    /// Counts one more use of a content, and gives the copy that is used.
    private func count(_ content: FileContent, ownCopy: UInt128?) async throws -> UInt128? {
        guard let ownCopy else {
            return try await db.first(
                "UPDATE blobs SET refs = refs + 1, unused_since = NULL WHERE digest = \(content.digest) RETURNING file"
            ) { $0.uuid() }
        }
        return try await db.first(
            """
            INSERT INTO blobs (digest, file, size, refs, unused_since)
            VALUES (\(content.digest), \(ownCopy), \(content.size), 1, \(Moment?.none))
            ON CONFLICT (digest) DO UPDATE SET refs = blobs.refs + 1, unused_since = NULL
            RETURNING file
            """
        ) { $0.uuid() }
    }
}

extension Rules {
    /// How many bytes of files the caller may have sent in all; nil for any number. Staff work for the desk.
    func uploadQuota(of caller: Caller) -> Int? { uploadQuotaMB > 0 && !caller.isStaff ? uploadQuotaMB << 20 : nil }
}

extension DeskError {
    /// A file for which its sender's quota has no room.
    public static func uploadQuota(_ bytes: Int) -> DeskError {
        .tooLarge(
            "Your files may have \(bytes >> 20) MiB in all, and this one does not fit: delete some, and a day later they count no more")
    }
}
