internal import CSQLite
internal import Glibc
internal import Storage

extension StorageFault {
    /// Throws what `code` means, unless it says that all went well.
    static func check(_ code: Int32, _ handle: OpaquePointer) throws(StorageFault) {
        if code != SQLITE_OK { throw StorageFault(code, handle) }
    }

    /// What an SQLite code means, with the words that the connection has for it.
    init(_ code: Int32, _ handle: OpaquePointer) {
        let words = String(cString: sqlite3_errmsg(handle))
        switch code & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED: self = .locked
        case SQLITE_CORRUPT, SQLITE_NOTADB: self = .damaged("\(words) (SQLite \(code))")
        case SQLITE_FULL: self = .full
        case SQLITE_INTERRUPT: self = .timeout
        case SQLITE_NOMEM: self = .unavailable("out of memory")
        case SQLITE_CONSTRAINT: self = .constraint(words)
        case SQLITE_IOERR:
            // SQLite says "full" of a write only; the shared-memory file says it thus.
            let number = sqlite3_system_errno(handle)
            self = number == ENOSPC || number == EDQUOT ? .full : .diskError("\(words) (\(String(cString: strerror(number))))")
        case SQLITE_CANTOPEN:
            let number = sqlite3_system_errno(handle)
            self = number == ENOSPC || number == EDQUOT ? .full : .unavailable("\(words) (\(String(cString: strerror(number))))")
        case SQLITE_READONLY: self = .unavailable(words)
        default: self = .broken("\(words) (SQLite \(code))")
        }
    }
}
