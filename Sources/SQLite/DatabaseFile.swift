internal import CSQLite
internal import Glibc
internal import Storage

/// Where the database is, and how each of its connections is opened.
struct DatabaseFile: Sendable {
    let path: String
    let options: SQLiteDatabase.Options
    /// What the connections have found out.
    let health = DatabaseHealth()
    let watch: FileWatch

    private static let prepareProcess: Void = sqlite_prepare_process()

    init(path: String, _ options: SQLiteDatabase.Options) {
        Self.prepareProcess
        self.path = path
        self.options = options
        watch = FileWatch(path)
    }

    /// Makes the file before SQLite does, who would let everybody read it. Its companions (`-wal`, `-shm`) get the same mode.
    func create() throws(StorageFault) {
        let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            close(descriptor)
        } else if errno == ENOSPC {
            throw .full
        } else if errno != EEXIST {
            throw .unavailable("\(path): \(String(cString: strerror(errno)))")
        }
    }

    /// The path of an empty file that nobody else has.
    static func temporaryPath() throws(StorageFault) -> String {
        let folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(folder)/martlet-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw .unavailable("\(folder): \(String(cString: strerror(errno)))") }
        close(descriptor)
        return template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    func remove() {
        for end in ["", "-wal", "-shm"] { unlink(path + end) }
    }

    /// A connection with all that belongs to each: the settings are the connection's, not the file's.
    func connect(_ role: Role) throws(StorageFault) -> OpaquePointer {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, nil)
        guard let handle = opened else { throw .unavailable("out of memory") }
        do throws(StorageFault) {
            try StorageFault.check(code, handle)
            sqlite3_extended_result_codes(handle, 1)
            sqlite3_busy_timeout(handle, lockPatience(role))
            try StorageFault.check(sqlite_harden(handle), handle)
            try StorageFault.check(sqlite_add_collation(handle), handle)
            try StorageFault.check(sqlite_add_search_place(handle), handle)
            for pragma in pragmas(role) { try StorageFault.check(sqlite3_exec(handle, pragma, nil, nil, nil), handle) }
        } catch {
            sqlite3_close(handle)
            health.note(error)
            throw error
        }
        if role == .writer { watch.remember() }
        return handle
    }

    enum Role {
        case writer, reader, scan
    }

    /// Milliseconds to wait for a lock. A loop must not sleep: what is locked in an inline read is asked again by a scan.
    func lockPatience(_ role: Role) -> Int32 { role == .reader ? 0 : Int32(clamping: options.lockTimeout / 1_000_000) }

    private func pragmas(_ role: Role) -> [String] {
        var pragmas = ["PRAGMA foreign_keys = ON", "PRAGMA case_sensitive_like = ON", "PRAGMA temp_store = MEMORY"]
        switch role {
        case .writer:
            pragmas += [
                "PRAGMA journal_mode = WAL",
                "PRAGMA synchronous = \(options.isDurable ? "FULL" : "OFF")",
                "PRAGMA cache_size = -32000",
                // What was deleted is overwritten: words that were erased must not be found in the file.
                "PRAGMA secure_delete = ON",
                // What the log grew to is given back.
                "PRAGMA journal_size_limit = 67108864",
                // Opens the log, so that all files are there from now on.
                "PRAGMA schema_version",
            ]
        case .reader: pragmas += ["PRAGMA query_only = ON", "PRAGMA cache_size = -16000"]
        case .scan: pragmas += ["PRAGMA query_only = ON", "PRAGMA cache_size = -4000"]
        }
        return pragmas
    }
}
