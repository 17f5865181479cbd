internal import Codec
public import Domain
internal import Glibc
public import Helpdesk
public import Loop

/// Files in a folder: `aa/bb/<SHA-256>.<copy>`, and those on their way in under `incoming`. What was kept is there after a power cut.
public final class FolderStore: FileStore {
    let path: String
    let disk: Disk
    /// By which the folder is known, whatever path leads to it: made once, and kept in it.
    public let id: UInt128
    private let newID: @Sendable () -> UInt128
    /// Folders whose own entries are safe.
    private let safeFolders = Locked<Set<String>>([])

    /// Makes the folder, if need be. The one above it must be there. Blocks a little: for the start.
    public init(at path: String, _ pool: BlockingPool, newID: @escaping @Sendable () -> UInt128) throws {
        self.path = path
        self.newID = newID
        disk = Disk(pool: pool)
        try Disk.make(folder: path)
        try Disk.make(folder: "\(path)/incoming")
        try Disk.synchronize(folder: path)
        id = try Self.identity(of: path, newID)
    }

    /// Two nodes that share a folder and start at once must agree, so the file is linked into its place whole, by one of them.
    private static func identity(of path: String, _ newID: () -> UInt128) throws -> UInt128 {
        let place = "\(path)/.folder-id"
        if let known = read(place) { return known }
        let id = newID()
        let temporary = "\(path)/incoming/\(UUID(bits: id))"
        let descriptor = Glibc.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        try Disk.check(descriptor, "nothing can be written in \(path)")
        defer { close(descriptor) }
        try Array(UUID(bits: id).description.utf8).withUnsafeBytes { try Disk.write($0, to: descriptor) }
        try Disk.check(fsync(descriptor), "nothing can be written in \(path)")
        if link(temporary, place) == 0 || errno == EEXIST {
            unlink(temporary)
        } else {
            // A file system without links: nobody shares it.
            try Disk.check(rename(temporary, place), "nothing can be written in \(path)")
        }
        return read(place) ?? id
    }

    private static func read(_ place: String) -> UInt128? {
        let descriptor = Glibc.open(place, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return (try? Disk.read(0..<36, of: descriptor)).flatMap { UUID(String(decoding: $0, as: UTF8.self))?.bits }
    }

    // MARK: - Taking in

    public func begin() async throws -> any IncomingFile { try await stage() }

    private func stage() async throws -> StagedFile {
        try await StagedFile.begin(in: "\(path)/incoming", named: UUID(bits: newID()).description, disk)
    }

    public func keep(_ file: any IncomingFile, as name: FileKey) async throws {
        guard let received = file as? StagedFile else { throw FileStoreFault("an upload is not one of this store") }
        // Where it is kept already it may be removed at any moment, so that its second place gets bytes of its own.
        let file = received.isKept ? try await copy(of: received) : received
        let place = "\(path)/\(name.path)"
        try await disk.run { [self] in
            try Disk.check(fsync(file.descriptor), "an upload cannot be synchronized")
            let folder = try makeFolders(for: name)
            try Disk.check(rename(file.path, place), "an upload cannot be moved to its place")
            file.isKept = true
            try Disk.synchronize(folder: folder)
        }
    }

    /// The same bytes once more, on their way in.
    private func copy(of file: StagedFile) async throws -> StagedFile {
        let copy = try await stage()
        let size = file.size
        try await disk.run {
            for start in stride(from: 0, to: size, by: 1 << 20) {
                let bytes = try Disk.read(start..<min(start + 1 << 20, size), of: file.descriptor)
                try bytes.withUnsafeBytes { try Disk.write($0, to: copy.descriptor) }
            }
        }
        return copy
    }

    /// The folder that the copy goes to; made, and for good.
    private func makeFolders(for name: FileKey) throws -> String {
        let parts = name.path.split(separator: "/")
        let outer = "\(path)/\(parts[0])"
        let inner = "\(outer)/\(parts[1])"
        if safeFolders.withLock({ $0.contains(inner) }) { return inner }
        try Disk.make(folder: outer)
        try Disk.make(folder: inner)
        try Disk.synchronize(folder: path)
        try Disk.synchronize(folder: outer)
        safeFolders.withLock { _ = $0.insert(inner) }
        return inner
    }

    // MARK: - Reading

    public func has(_ name: FileKey, size: Int) async throws -> Bool {
        let place = "\(path)/\(name.path)"
        return try await disk.run {
            var info = stat()
            return stat(place, &info) == 0 && Int(info.st_size) == size
        }
    }

    public func open(_ name: FileKey) async throws -> any OutgoingFile {
        let place = "\(path)/\(name.path)"
        return try await disk.run { [disk] in
            let descriptor = Glibc.open(place, O_RDONLY | O_CLOEXEC)
            try Disk.check(descriptor, "\(name.path) cannot be opened")
            return FolderFile(disk, descriptor)
        }
    }

    // MARK: - Removing

    public func remove(_ name: FileKey) async throws {
        let place = "\(path)/\(name.path)"
        try await disk.run {
            if unlink(place) != 0, errno != ENOENT { try Disk.check(-1, "\(name.path) cannot be removed") }
        }
    }

    public func olderFiles(than moment: Moment, _ each: ([FileKey]) async throws -> Void) async throws {
        for outer in try await disk.run({ [path] in Disk.names(in: path).filter { $0.utf8.count == 2 } }) {
            let found = try await disk.run { [path] in Self.files(in: outer, of: path, olderThan: moment.milliseconds / 1000) }
            for start in stride(from: 0, to: found.count, by: 500) { try await each(Array(found[start..<min(start + 500, found.count)])) }
        }
    }

    private static func files(in outer: String, of path: String, olderThan seconds: Int) -> [FileKey] {
        Disk.names(in: "\(path)/\(outer)").flatMap { inner in
            Disk.names(in: "\(path)/\(outer)/\(inner)").compactMap { file in
                let place = "\(outer)/\(inner)/\(file)"
                return Disk.isOlder("\(path)/\(place)", than: seconds) ? FileKey(path: place) : nil
            }
        }
    }

    public func removeUnfinished(olderThan moment: Moment) async throws {
        try await Self.removeUnfinished(in: "\(path)/incoming", olderThan: moment, disk)
    }

    static func removeUnfinished(in folder: String, olderThan moment: Moment, _ disk: Disk) async throws {
        try await disk.run {
            for name in Disk.names(in: folder) where Disk.isOlder("\(folder)/\(name)", than: moment.milliseconds / 1000) {
                unlink("\(folder)/\(name)")
            }
        }
    }
}

/// A file of a folder that is read.
final class FolderFile: OutgoingFile {
    let pieceSize = 128 * 1024
    private let disk: Disk
    private let descriptor: Int32

    init(_ disk: Disk, _ descriptor: Int32) {
        self.disk = disk
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    func bytes(_ range: Range<Int>) async throws -> [UInt8] {
        try await disk.run { [self] in try Disk.read(range, of: descriptor) }
    }
}
