internal import Codec
internal import Glibc
internal import Helpdesk
internal import Loop

/// A file on its way in: it lies under a name of its own in a folder for such files until it is kept.
//
// `@unchecked Sendable`: whoever takes the file in calls one function after the other and waits for each; the pool's queue orders what its
// threads do. Nobody else knows of it.
final class StagedFile: IncomingFile, @unchecked Sendable {
    let disk: Disk
    let path: String
    let descriptor: Int32
    private var hash: SHA256?
    private(set) var size = 0
    /// Whether it was moved to where it is kept.
    var isKept = false

    private init(_ disk: Disk, path: String, descriptor: Int32) {
        self.disk = disk
        self.path = path
        self.descriptor = descriptor
        hash = SHA256()
    }

    deinit { close(descriptor) }

    static func begin(in folder: String, named name: String, _ disk: Disk) async throws -> StagedFile {
        let path = "\(folder)/\(name)"
        return try await disk.run {
            let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            try Disk.check(descriptor, "a file for an upload cannot be made")
            return StagedFile(disk, path: path, descriptor: descriptor)
        }
    }

    func append(_ bytes: [UInt8]) async throws {
        try await disk.run { [self] in
            try bytes.withUnsafeBytes { try Disk.write($0, to: descriptor) }
            hash?.update(bytes)
            size += bytes.count
        }
    }

    func finish() async throws -> FileContent {
        guard let digest = hash.take()?.finish() else { throw FileStoreFault("an upload was ended twice") }
        return FileContent(digest: digest, size: size)
    }

    func discard() async {
        guard !isKept else { return }
        // Also when the pool is full: what is left over is found later.
        _ = try? await disk.run { [path] in unlink(path) }
    }
}
