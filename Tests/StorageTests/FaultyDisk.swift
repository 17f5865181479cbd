import CSQLite
import Glibc
import Loop

/// A disk that fails when it is told to, under a database whose file is named `faulty…`: SQLite's own access to files, with a look
/// before each write, flush and read. It knows files by the path of their database, so that tests do not meet.
final class FaultyDisk: Sendable {
    enum Act: Hashable { case read, write, flush }

    struct Plan {
        /// Bytes by which the files may still grow; nil: as much as they like.
        var room: Int?
        var failing: Set<Act> = []
    }

    private static let disks = Locked<[String: FaultyDisk]>([:])
    /// What SQLite knows of an open file, by its address.
    private static let files = Locked<[UInt: OpenFile]>([:])
    private static let isInstalled: Bool = install()

    let path: String
    private let plan = Locked(Plan())

    init(in folder: String) {
        precondition(Self.isInstalled)
        path = folder + "/faulty.db"
        Self.disks.withLock { $0[path] = self }
    }

    func change(_ change: (inout Plan) -> Void) { plan.withLock { change(&$0) } }

    private func allows(_ act: Act) -> Bool { plan.withLock { !$0.failing.contains(act) } }

    private func takeRoom(_ bytes: Int) -> Bool {
        plan.withLock { plan in
            guard let room = plan.room, bytes > 0 else { return true }
            guard bytes <= room else { return false }
            plan.room = room - bytes
            return true
        }
    }
}

extension FaultyDisk {
    typealias File = UnsafeMutablePointer<sqlite3_file>

    //
    // `@unchecked Sendable`: the pointers are SQLite's tables of functions, which never change.
    private struct OpenFile: @unchecked Sendable {
        let disk: FaultyDisk
        let own: UnsafePointer<sqlite3_io_methods>
        let watched: UnsafeMutablePointer<sqlite3_io_methods>
    }

    // The system's table, which never changes and is never freed.
    private nonisolated(unsafe) static let system = sqlite3_vfs_find(nil)!

    /// Puts our table before the system's, for files that are opened from now on.
    private static func install() -> Bool {
        let ours = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        ours.initialize(to: system.pointee)
        ours.pointee.zName = UnsafePointer(strdup("faulty"))
        ours.pointee.xOpen = { _, name, file, flags, outFlags in
            let code = FaultyDisk.system.pointee.xOpen(FaultyDisk.system, name, file, flags, outFlags)
            if code == SQLITE_OK, let name, let file { FaultyDisk.watch(file, String(cString: name)) }
            return code
        }
        return sqlite3_vfs_register(ours, 1) == SQLITE_OK
    }

    private static func watch(_ file: File, _ name: String) {
        let path = name.hasSuffix("-wal") ? String(name.dropLast(4)) : name
        guard let disk = disks.withLock({ $0[path] }), let own = file.pointee.pMethods else { return }
        let watched = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        watched.initialize(to: own.pointee)
        watched.pointee.xClose = { file in
            let held = FaultyDisk.files.withLock { $0.removeValue(forKey: UInt(bitPattern: file)) }!
            held.watched.deallocate()
            return held.own.pointee.xClose(file)
        }
        watched.pointee.xRead = { file, bytes, count, offset in
            let held = FaultyDisk.find(file)
            return held.disk.allows(.read) ? held.own.pointee.xRead(file, bytes, count, offset) : FaultyDisk.ioError(10 | 1 << 8)
        }
        watched.pointee.xWrite = { file, bytes, count, offset in
            let held = FaultyDisk.find(file)
            guard held.disk.allows(.write) else { return FaultyDisk.ioError(10 | 3 << 8) }
            var size: sqlite3_int64 = 0
            _ = held.own.pointee.xFileSize(file, &size)
            guard held.disk.takeRoom(Int(offset) + Int(count) - Int(size)) else { return SQLITE_FULL }
            return held.own.pointee.xWrite(file, bytes, count, offset)
        }
        watched.pointee.xSync = { file, flags in
            let held = FaultyDisk.find(file)
            return held.disk.allows(.flush) ? held.own.pointee.xSync(file, flags) : FaultyDisk.ioError(10 | 4 << 8)
        }
        files.withLock { $0[UInt(bitPattern: file)] = OpenFile(disk: disk, own: own, watched: watched) }
        file.pointee.pMethods = UnsafePointer(watched)
    }

    private static func find(_ file: File?) -> OpenFile { files.withLock { $0[UInt(bitPattern: file)]! } }

    private static func ioError(_ code: Int32) -> Int32 {
        errno = EIO
        return code
    }
}
