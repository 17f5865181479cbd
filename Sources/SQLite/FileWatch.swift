internal import Glibc
internal import Loop
internal import Storage

/// Whether the files that SQLite has open are still those at the database's path.
///
/// Somebody may remove or replace them while the server runs. SQLite does not find that out: it goes on to write into files that have no
/// name any more, and all of it is gone at the next start.
final class FileWatch: Sendable {
    private struct Known {
        let path: String
        let device: dev_t
        let number: ino_t
    }

    private let paths: [String]
    private let known = Locked<[Known]>([])

    init(_ path: String) { paths = ["", "-wal", "-shm"].map { path + $0 } }

    /// Takes the files that are there now for SQLite's own. Just after it has opened them.
    func remember() {
        let found = paths.compactMap(Self.look)
        known.withLock { $0 = found }
    }

    /// A few system calls, far less than a commit.
    var isWhole: Bool {
        known.withLock { $0 }.allSatisfy { known in
            Self.look(at: known.path).map { $0.device == known.device && $0.number == known.number } ?? false
        }
    }

    private static func look(at path: String) -> Known? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Known(path: path, device: status.st_dev, number: status.st_ino)
    }
}

extension StorageFault {
    static let fileWasMoved = StorageFault.unavailable("its file was removed or replaced while the server runs")
}
