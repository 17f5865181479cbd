internal import Glibc
internal import Helpdesk
internal import Loop

/// The threads on which files are read and written, since that blocks.
struct Disk: Sendable {
    let pool: BlockingPool

    func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        do {
            return try await pool.run(work)
        } catch is BlockingPool.Full {
            throw FileStoreFault("too much waits for the disk")
        }
    }

    /// Throws what the system says, unless the result is good.
    static func check(_ result: Int32, _ what: String) throws {
        if result < 0 { throw FileStoreFault("\(what): \(String(cString: strerror(errno)))") }
    }

    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileStoreFault("an upload cannot be written: \(String(cString: strerror(errno)))") }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Exactly these bytes.
    static func read(_ range: Range<Int>, of descriptor: Int32) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: range.count) { room, filled in
            while filled < range.count {
                let count = pread(descriptor, room.baseAddress! + filled, range.count - filled, range.lowerBound + filled)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    throw FileStoreFault(
                        count == 0 ? "a file is shorter than it was" : "a file cannot be read: \(String(cString: strerror(errno)))")
                }
                filled += count
            }
        }
    }

    /// Has a folder's entries survive a power cut.
    static func synchronize(folder path: String) throws {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        try check(descriptor, "\(path) cannot be opened")
        defer { close(descriptor) }
        try check(fsync(descriptor), "\(path) cannot be synchronized")
    }

    /// Makes a folder for its owner only, unless it is there. Says whether it was made.
    @discardableResult
    static func make(folder path: String) throws -> Bool {
        if mkdir(path, 0o700) == 0 { return true }
        if errno == EEXIST { return false }
        throw FileStoreFault("the folder \(path) cannot be made: \(String(cString: strerror(errno)))")
    }

    /// The names in a folder; none when it is not there.
    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name.first != "." { names.append(name) }
        }
        return names
    }

    /// Whether a file was last written before that second.
    static func isOlder(_ path: String, than seconds: Int) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG && info.st_mtim.tv_sec < seconds
    }
}
