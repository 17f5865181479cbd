public import Domain

/// Where the bytes of files lie: a folder of this machine, or a store that many machines share.
///
/// Every copy has a name of its own that is never used again. So nothing has to be locked: what is removed can be nobody else's, not even
/// when the same content comes in again at that moment.
///
/// Whatever cannot be done now is a `FileStoreFault`.
public protocol FileStore: Sendable {
    /// Begins to take a file in. Nothing of it counts before `keep`.
    func begin() async throws -> any IncomingFile
    /// Keeps a finished file. When this returns it has survived a power cut.
    func keep(_ file: any IncomingFile, as name: FileKey) async throws
    /// Whether the copy is there, as large as it must be.
    func has(_ name: FileKey, size: Int) async throws -> Bool
    /// Opens a copy for reading.
    func open(_ name: FileKey) async throws -> any OutgoingFile
    /// Removes a copy; one that is not there is removed already.
    func remove(_ name: FileKey) async throws
    /// Tells of all copies that were kept before then, some at a time.
    func olderFiles(than moment: Moment, _ each: ([FileKey]) async throws -> Void) async throws
    /// Removes what was begun before then and never kept: its process was cut off.
    func removeUnfinished(olderThan moment: Moment) async throws
}

/// A file on its way in.
public protocol IncomingFile: Sendable {
    func append(_ bytes: [UInt8]) async throws
    /// Says that all has come. Once, after the last `append`.
    func finish() async throws -> FileContent
    /// Lets go of it, kept or not; what is kept stays.
    func discard() async
}

/// A file that is read, as long as somebody holds it.
public protocol OutgoingFile: Sendable {
    /// How much is best asked for at a time.
    var pieceSize: Int { get }
    /// All bytes of a range that lies within the file.
    func bytes(_ range: Range<Int>) async throws -> [UInt8]
}

/// What came in.
public struct FileContent: Sendable, Equatable {
    /// SHA-256.
    public let digest: [UInt8]
    public let size: Int

    public init(digest: [UInt8], size: Int) {
        self.digest = digest
        self.size = size
    }
}

/// Files cannot be kept or had now: the disk is full or broken, or the store does not answer. Why is for the log.
public struct FileStoreFault: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
