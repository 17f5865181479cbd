internal import Domain
internal import Storage

extension Desk {
    /// How long a file is kept that nobody refers to.
    static let unusedFileDays = 1
    private static let sweepBatch = 100

    /// Removes what nobody refers to for a day: uploads that were never used, contents that are on no comment any more, and what a process
    /// left in the store that was cut off. Several nodes may do so at once, and while files come in. Returns how many copies went.
    @discardableResult
    public func sweepFiles(of store: any FileStore) async throws -> Int {
        let limit = outside.now().adding(days: -Self.unusedFileDays)
        while try await write({ work in try await work.forgetUnusedUploads(before: limit, atMost: Self.sweepBatch) }) {}
        var count = 0
        while true {
            // The row goes first: after that nobody finds this copy, and the same content that comes in again is another copy.
            let gone = try await write { work in try await work.forgetUnusedContents(before: limit, atMost: Self.sweepBatch) }
            for copy in gone { try await store.remove(copy) }
            count += gone.count
            if gone.count < Self.sweepBatch { break }
        }
        count += try await sweepStrays(of: store, before: limit)
        try await store.removeUnfinished(olderThan: limit)
        return count
    }

    /// Removes copies that no row tells of. One that is a day old is nobody's: its row would have been written right after it.
    private func sweepStrays(of store: any FileStore, before limit: Moment) async throws -> Int {
        var count = 0
        try await store.olderFiles(than: limit) { copies in
            let names = copies.map(\.copy)
            let known = try await read { look in try await look.knownCopies(among: names) }
            for stray in copies where !known.contains(stray.copy) {
                try await store.remove(stray)
                count += 1
            }
        }
        return count
    }
}

extension Work {
    /// Says whether there may be more.
    fileprivate func forgetUnusedUploads(before limit: Moment, atMost most: Int) async throws -> Bool {
        let unused = try await db.all(
            """
            SELECT id, uploader_id, digest, size FROM attachments WHERE comment_id IS NULL AND unused_since <= \(limit)
            ORDER BY unused_since LIMIT \(most)\(db.engine.claim)
            """
        ) { row in (id: row.id(of: Attachment.self), content: row.releasedContent()) }
        if unused.isEmpty { return false }
        try await db.run("DELETE FROM attachments WHERE id IN \(list: unused.map(\.id))")
        // They have waited for their day already.
        try await db.release(unused.map(\.content), since: limit)
        return unused.count == most
    }

    /// Gives the copies that are to be removed.
    fileprivate func forgetUnusedContents(before limit: Moment, atMost most: Int) async throws -> [FileKey] {
        let unused = try await db.all(
            """
            SELECT digest, file FROM blobs WHERE unused_since <= \(limit) AND refs = 0
            ORDER BY unused_since LIMIT \(most)\(db.engine.claim)
            """
        ) { row in FileKey(digest: row.bytes(), copy: row.uuid()) }
        if unused.isEmpty { return [] }
        try await db.run("DELETE FROM blobs WHERE digest IN \(list: unused.map(\.digest))")
        return unused
    }
}

extension Look {
    fileprivate func knownCopies(among copies: [UInt128]) async throws -> Set<UInt128> {
        Set(try await db.all("SELECT file FROM blobs WHERE file IN \(list: copies)") { $0.uuid() })
    }
}
