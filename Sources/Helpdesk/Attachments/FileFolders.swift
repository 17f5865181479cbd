internal import Domain
internal import Storage

// Whether a folder of files is the only one that this desk has now. What lies in a folder of one machine another does not find; a folder
// that machines share is one folder, whatever they call it.

extension Desk {
    /// How long a folder counts as in use after its node has last said so.
    static let folderSeconds = 180

    /// Says that files are kept in this folder now. Each node does so every minute.
    public func noteFolder(_ id: UInt128) async throws {
        try await write { work in
            try await work.db.run("DELETE FROM file_folders WHERE seen_at < \(work.now.adding(days: -1))")
            try await work.db.run(
                """
                INSERT INTO file_folders (id, seen_at) VALUES (\(id), \(work.now))
                ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at
                """)
        }
    }

    /// Takes back that files are kept there: its node stops.
    public func forgetFolder(_ id: UInt128) async throws {
        try await write { work in try await work.db.run("DELETE FROM file_folders WHERE id = \(id)") }
    }

    /// Whether there are files, and another node keeps its own in another folder than this.
    public func hasFilesElsewhere(than id: UInt128) async throws -> Bool {
        try await read { look in
            let alive = look.now.adding(seconds: -Desk.folderSeconds)
            let found = try await look.db.first(
                """
                SELECT 1 FROM file_folders WHERE id <> \(id) AND seen_at > \(alive) AND EXISTS (SELECT 1 FROM blobs) LIMIT 1
                """
            ) { $0.int() }
            return found != nil
        }
    }
}
