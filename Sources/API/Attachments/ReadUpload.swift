internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// How large a file may be, and the refusal of a larger one.
struct UploadLimit {
    let bytes: Int
    let refusal: Refusal

    /// What any file may have.
    init(_ bytes: Int) {
        self.bytes = bytes
        refusal = Refusal(.payloadTooLarge, "The file may be at most \(bytes) bytes")
    }

    private init(bytes: Int, refusal: Refusal) { (self.bytes, self.refusal) = (bytes, refusal) }

    /// The same for somebody whose quota has so much room, where that is less.
    func within(_ room: Int?, of quota: Int) -> UploadLimit {
        guard let room, room < bytes else { return self }
        return UploadLimit(bytes: room, refusal: Refusal(desk: DeskError.uploadQuota(quota)) ?? refusal)
    }
}

/// Takes in the file of a form as it comes: what has come is on the disk before more is asked for.
struct UploadReader {
    /// What is gathered before it is written: a hop to another thread for each piece from the socket would cost more than the writing.
    private static let pieceSize = 256 * 1024
    /// What a form may hold beside its file.
    private static let framing = 16 * 1024

    private var form: MultipartBody
    private let limit: UploadLimit
    private let file: any IncomingFile
    private var piece: [UInt8] = []
    private var first: [UInt8] = []
    private var count = 0
    private var part: MultipartPart?
    private var faults = Faults()

    /// Throws at once for a body that is announced larger than the limit.
    static func form(of request: Request, upTo limit: UploadLimit) throws -> MultipartBody {
        do {
            return try MultipartBody(request, upTo: limit.bytes + framing)
        } catch let refusal as Refusal where refusal.status == .payloadTooLarge {
            throw limit.refusal
        }
    }

    /// The same for a limit that was found out later, and before a byte of the body was read.
    static func mustBe(_ request: Request, within limit: UploadLimit) throws {
        do {
            try request.allowBody(upTo: limit.bytes + framing)
        } catch let refusal as Refusal where refusal.status == .payloadTooLarge {
            throw limit.refusal
        }
    }

    init(_ form: MultipartBody, upTo limit: UploadLimit, into file: any IncomingFile) {
        self.form = form
        self.limit = limit
        self.file = file
    }

    /// Reads to the form's end. Throws 413 at the first byte too many, and 400 for a form that is none, or holds something else.
    mutating func read() async throws -> ReceivedFile {
        while true {
            switch try await form.next() {
            case .part(let part): if begin(part) { try await readFile() }
            case .bytes, .endPart: continue
            case .end: return try await finish()
            }
        }
    }

    /// Whether it is the file. What else there is, is a fault, and read past.
    private mutating func begin(_ part: MultipartPart) -> Bool {
        guard part.name.equals("file") else {
            faults.add(Fault("extra_forbidden", "Extra inputs are not permitted", at: String(part.name.unicodeScalars.prefix(100))))
            return false
        }
        guard self.part == nil else {
            faults.add(Fault("duplicate_field", "Field given more than once", at: "file"))
            return false
        }
        self.part = part
        return true
    }

    private mutating func readFile() async throws {
        while case .bytes(let bytes) = try await form.next() {
            count += bytes.count
            guard count <= limit.bytes else { throw limit.refusal }
            if first.count < FileType.tellingBytes { first += bytes.prefix(FileType.tellingBytes - first.count) }
            piece += bytes
            if piece.count >= Self.pieceSize { try await write() }
        }
        if !piece.isEmpty { try await write() }
    }

    private mutating func write() async throws {
        try await file.append(piece)
        piece.removeAll(keepingCapacity: true)
    }

    private mutating func finish() async throws -> ReceivedFile {
        if part == nil { faults.add(Fault("missing", "Field required", at: "file")) }
        guard faults.isEmpty, let part else { throw Refusal.invalid(faults) }
        let name = FileName.harmless(part.filename)
        let type = FileType(first: first, name: name, declared: part.contentType)
        return ReceivedFile(name: name, type: type, content: try await file.finish())
    }
}
