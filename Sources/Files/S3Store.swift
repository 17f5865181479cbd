internal import Clients
internal import Codec
public import Domain
internal import Glibc
public import Helpdesk
public import Loop

/// Files in a store that speaks S3, which all nodes share. On their way in they lie in a folder of this machine, since a store must be told
/// beforehand how long a file is, and what is in it.
public final class S3Store: FileStore {
    private let address: S3Address
    private let client: HTTPClient
    private let disk: Disk
    private let folder: String
    private let newID: @Sendable () -> UInt128
    private static let emptyDigest = Hex.encode(SHA256.digest([UInt8]()))
    /// Of a range that is asked for, and the most that an answer may have.
    fileprivate static let pieceSize = 512 * 1024

    /// - Parameters:
    ///   - folder: for files on their way in; made, if need be. The one above it must be there.
    ///   - loop: on which the store is called. Best one of its own: files are read on it.
    public init(
        _ address: S3Address, staging folder: String, _ pool: BlockingPool, on loop: EventLoop, newID: @escaping @Sendable () -> UInt128
    ) throws {
        self.address = address
        self.folder = folder
        self.newID = newID
        disk = Disk(pool: pool)
        try Disk.make(folder: folder)
        try Disk.make(folder: "\(folder)/incoming")
        var rules = HTTPClientRules()
        rules.whole = .seconds(3600)
        rules.stalling = .seconds(20)
        rules.largestBody = 2 << 20
        client = try HTTPClient(on: loop, rules)
    }

    // MARK: - Taking in

    public func begin() async throws -> any IncomingFile {
        try await StagedFile.begin(in: "\(folder)/incoming", named: UUID(bits: newID()).description, disk)
    }

    public func keep(_ file: any IncomingFile, as name: FileKey) async throws {
        guard let file = file as? StagedFile else { throw FileStoreFault("an upload is not one of this store") }
        let body = HTTPCall.Body.file(descriptor: file.descriptor, size: file.size)
        let answer = try await ask(address.base + name.path, body, digest: Hex.encode(name.digest))
        try Self.mustBe(answer, [200, 201, 204], "a file was not taken")
    }

    // MARK: - Reading

    public func has(_ name: FileKey, size: Int) async throws -> Bool {
        // Its last byte tells its size too.
        let answer = try await ask(address.base + name.path, .none, range: size > 0 ? size - 1..<size : nil)
        if answer.status == 404 || answer.status == 416 { return false }
        try Self.mustBe(answer, [200, 206], "a file was not found out about")
        return size == 0 ? answer.body.isEmpty : answer["content-range"]?.hasSuffix("/\(size)") == true
    }

    public func open(_ name: FileKey) async throws -> any OutgoingFile { S3File(self, name) }

    /// An answer is no longer than what is asked for, so a client that reads slowly fills no memory, and holds no connection.
    fileprivate func bytes(_ range: Range<Int>, of name: FileKey) async throws -> [UInt8] {
        if range.isEmpty { return [] }
        let answer = try await ask(address.base + name.path, .none, range: range)
        try Self.mustBe(answer, range.lowerBound == 0 ? [206, 200] : [206], "a file cannot be read")
        guard answer.body.count == range.count else {
            throw FileStoreFault("the store gave \(answer.body.count) bytes, not \(range.count)")
        }
        return answer.body
    }

    // MARK: - Removing

    public func remove(_ name: FileKey) async throws {
        try Self.mustBe(try await ask(address.base + name.path, .delete), [200, 204, 404], "a file was not removed")
    }

    public func olderFiles(than moment: Moment, _ each: ([FileKey]) async throws -> Void) async throws {
        var next: String?
        repeat {
            // The parameters stand in the order in which they are signed.
            let token = next.map { "continuation-token=\(Percent.encode($0))&" } ?? ""
            let answer = try await ask("\(address.bucket)?\(token)list-type=2&prefix=\(Percent.encode(address.prefix))", .none)
            try Self.mustBe(answer, [200], "the files cannot be listed")
            let page = S3Listing(String(decoding: answer.body, as: UTF8.self))
            let older = page.items.filter { $0.modified < moment }.compactMap { item in
                item.key.hasPrefix(address.prefix) ? FileKey(path: String(item.key.dropFirst(address.prefix.count))) : nil
            }
            for start in stride(from: 0, to: older.count, by: 500) { try await each(Array(older[start..<min(start + 500, older.count)])) }
            next = page.next
        } while next != nil
    }

    public func removeUnfinished(olderThan moment: Moment) async throws {
        try await FolderStore.removeUnfinished(in: "\(folder)/incoming", olderThan: moment, disk)
    }

    // MARK: - Asking

    private func ask(
        _ url: String, _ body: HTTPCall.Body, digest: String = emptyDigest, range: Range<Int>? = nil
    ) async throws -> HTTPAnswer {
        let signature = StoreSignature(region: address.region, key: address.key, secret: address.secret)
        var call = HTTPCall.store(url, body, digest: digest, signature: signature)
        if let range { call.fields.append(("Range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")) }
        do throws(ClientFault) {
            return try await client.send(call)
        } catch {
            throw FileStoreFault("the store: \(error)")
        }
    }

    private static func mustBe(_ answer: HTTPAnswer, _ statuses: Set<Int>, _ what: String) throws {
        guard !statuses.contains(answer.status) else { return }
        let said = S3Listing.text(of: "Code", in: answer.body.prefix(2000)) ?? ""
        throw FileStoreFault("\(what): the store says \(answer.status) \(said.prefix(100))")
    }
}

/// A file of a store that is read, a range at a time.
private final class S3File: OutgoingFile {
    let pieceSize = S3Store.pieceSize
    private let store: S3Store
    private let name: FileKey

    init(_ store: S3Store, _ name: FileKey) {
        self.store = store
        self.name = name
    }

    func bytes(_ range: Range<Int>) async throws -> [UInt8] { try await store.bytes(range, of: name) }
}
