import Codec
import Domain
import Files
import Glibc
import Helpdesk
import Loop
import Storage
import TestEngines
import Testing

/// The testing library has words of its own by these names.
typealias Attachment = Domain.Attachment
typealias Comment = Domain.Comment

/// A folder of files for one test.
struct TestFiles: Sendable {
    let desk: TestDesk
    let store: FolderStore
    let path: String

    /// Sends a file with that content.
    func upload(_ content: String, named name: String = "note.txt", by caller: Caller? = nil) async throws -> Attachment {
        let incoming = try await store.begin()
        try await incoming.append(Array(content.utf8))
        let file = ReceivedFile(name: name, type: .plainText, content: try await incoming.finish())
        let outcome: Outcome<Attachment>
        do {
            outcome = try await desk.desk.keepUpload(
                file, incoming, in: store, as: caller ?? desk.customer, once: nil, keeping: { _ in nil })
        } catch {
            await incoming.discard()
            throw error
        }
        await incoming.discard()
        guard case .done(let attachment) = outcome else { throw DeskError.conflict("repeated") }
        return attachment
    }

    /// What the file says, to that caller.
    func content(of id: Attachment.ID, as caller: Caller) async throws -> String {
        let stored = try await desk.read { look in try await look.attachment(id, as: caller) }
        let bytes = try await store.open(stored.copy).bytes(0..<stored.attachment.size)
        return String(decoding: bytes, as: UTF8.self)
    }

    func comment(
        _ attachments: [Attachment.ID], on ticket: Ticket, by caller: Caller? = nil, _ type: CommentType = .public
    ) async throws -> Comment {
        var draft = CommentDraft()
        draft.content = "See there."
        draft.attachments = attachments
        draft.type = type
        let (ready, caller) = (draft, caller ?? desk.customer)
        return try await desk.write { work in try await work.comment(ready, on: .id(ticket.id), as: caller) }
    }

    /// How many files there are, kept and on their way in.
    var fileCount: Int { Self.count(in: path) }

    /// Makes all files look as if they were last written before the test's clock began.
    func age() {
        for file in Self.files(in: path) {
            var times = [timeval(tv_sec: 1_000_000_000, tv_usec: 0), timeval(tv_sec: 1_000_000_000, tv_usec: 0)]
            utimes(file, &times)
        }
    }

    private static func count(in folder: String) -> Int { files(in: folder).count }

    static func files(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var found: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name.hasPrefix(".") { continue }
            if entry.pointee.d_type == UInt8(DT_DIR) { found += files(in: "\(folder)/\(name)") } else { found.append("\(folder)/\(name)") }
        }
        return found
    }

    /// Rows of contents, and of uploads.
    func rows() async throws -> [Int] {
        try await desk.database.read { db in
            try await db.first("SELECT (SELECT count(*) FROM blobs), (SELECT count(*) FROM attachments)") { [$0.int(), $0.int()] } ?? []
        }
    }
}

/// Runs `body` with a fresh desk and a folder for its files, which is gone afterwards.
func withFiles(on engine: TestEngine, _ rules: Rules = Rules(), _ body: @escaping @Sendable (TestFiles) async throws -> Void) async throws {
    try await withDesk(on: engine, rules) { desk in
        var template = Array("/tmp/martlet-files-XXXXXX".utf8CString)
        let path = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer { removeTree(path) }
        let pool = BlockingPool(threads: 2, bound: 64)
        defer { pool.stop() }
        let store = try FolderStore(at: "\(path)/attachments", pool, newID: desk.desk.outside.newID)
        try await body(TestFiles(desk: desk, store: store, path: "\(path)/attachments"))
    }
}

private func removeTree(_ path: String) {
    guard let stream = opendir(path) else { return }
    while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if name == "." || name == ".." { continue }
        if entry.pointee.d_type == UInt8(DT_DIR) { removeTree("\(path)/\(name)") } else { unlink("\(path)/\(name)") }
    }
    closedir(stream)
    rmdir(path)
}
