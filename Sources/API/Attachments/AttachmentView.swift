internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// A file on a comment. One that lies elsewhere has nothing but its address: it is never fetched.
struct AttachmentView: Shaped, WithFields {
    var attachment: Attachment?
    var url: String

    init(_ attachment: Attachment) {
        self.attachment = attachment
        url = attachment.url
    }

    init(url: String) { self.url = url }

    static let shape = Shape("Attachment", "A file on a comment", AttachmentView(url: "")) {
        Field("id", from: { $0.attachment?.id }, Kind<Attachment.ID>.id(Attachment.self).optional, "Id; null for a file elsewhere")
        Field("name", from: { $0.attachment?.name ?? $0.url }, .text(1...2048), "What it is called")
        Field("size", from: { $0.attachment?.size }, Kind<Int>.integer(0...Int.max).optional, "Bytes; null for a file elsewhere")
        Field(
            "content_type", from: { $0.attachment?.type.rawValue }, Kind<String>.text(1...255).optional,
            "What it is served as; null for a file elsewhere")
        Field("url", from: \.url, .text(1...2048), "Where it is. For a file of ours it needs no credential, and ends within half an hour")
    }

    /// Where what was just sent is to be had by its sender.
    var fields: [Response.Field] { attachment.map { [.init("location", "/attachments/\($0.id.text)")] } ?? [] }
}

/// A form with a file.
struct UploadForm: Shaped {
    var file = ""

    static let shape = Shape("Upload", "A form with a file", UploadForm()) {
        Field(
            "file", \.file,
            Kind<String>(
                .word("binary"), json: { (reader, _) throws(JSONFault) in try reader.readString() }, write: { $1.value($0) }), "The file")
    }
}
