/// What a file is served as. Only what no browser runs is called by its name; everything else may be kept, and is just bytes.
public enum FileType: String, Sendable, CaseIterable {
    case png = "image/png"
    case jpeg = "image/jpeg"
    case gif = "image/gif"
    case webP = "image/webp"
    case plainText = "text/plain"
    case csv = "text/csv"
    case markdown = "text/markdown"
    case pdf = "application/pdf"
    case json = "application/json"
    case zip = "application/zip"
    case gzip = "application/gzip"
    case rtf = "application/rtf"
    case mail = "message/rfc822"
    case word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    case sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    case slides = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    case openText = "application/vnd.oasis.opendocument.text"
    case openSheet = "application/vnd.oasis.opendocument.spreadsheet"
    case mp3 = "audio/mpeg"
    case ogg = "audio/ogg"
    case wave = "audio/wav"
    case mp4 = "video/mp4"
    case webM = "video/webm"
    case quickTime = "video/quicktime"
    case bytes = "application/octet-stream"

    /// A browser may show it where it stands, on a page of ours: pictures that can hold no script.
    public var isShownInPlace: Bool { [.png, .jpeg, .gif, .webP].contains(self) }

    /// How many of a file's first bytes tell whether it is a picture.
    public static let tellingBytes = 12

    /// - Parameters:
    ///   - first: the file's first bytes. They alone make it a picture: a name and a sender may say anything.
    ///   - name: its harmless name. What its ending says goes before what the sender says.
    ///   - declared: the type that its sender gave, if any.
    public init(first: [UInt8], name: String, declared: String?) {
        if let picture = Self.picture(first) {
            self = picture
            return
        }
        let ending = name.split(separator: ".").dropFirst().last.map { $0.lowercased() }
        let essence = declared.map { $0.prefix { $0 != ";" && $0 != " " }.lowercased() }
        let found = ending.map { Self.endings[$0] ?? .bytes } ?? essence.flatMap { FileType(rawValue: $0) } ?? .bytes
        self = found.isShownInPlace ? .bytes : found
    }

    private static func picture(_ first: [UInt8]) -> FileType? {
        if first.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
        if first.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
        if first.starts(with: "GIF87a".utf8) || first.starts(with: "GIF89a".utf8) { return .gif }
        if first.count >= 12, first.starts(with: "RIFF".utf8), first[8..<12].elementsEqual("WEBP".utf8) { return .webP }
        return nil
    }

    private static let endings: [String: FileType] = [
        "txt": .plainText, "log": .plainText, "csv": .csv, "md": .markdown, "pdf": .pdf, "json": .json, "zip": .zip, "gz": .gzip,
        "rtf": .rtf, "eml": .mail, "docx": .word, "xlsx": .sheet, "pptx": .slides, "odt": .openText, "ods": .openSheet, "mp3": .mp3,
        "ogg": .ogg, "wav": .wave, "mp4": .mp4, "webm": .webM, "mov": .quickTime,
    ]
}
