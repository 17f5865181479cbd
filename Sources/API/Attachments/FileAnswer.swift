internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// A file as it goes to whoever asked for it: whole or a range of it, in pieces as they read it.
struct FileAnswer {
    private let stored: StoredAttachment
    private let request: Request

    init(_ stored: StoredAttachment, _ request: Request) {
        self.stored = stored
        self.request = request
    }

    private var size: Int { stored.attachment.size }
    private var tag: String { "\"\(Hex.encode(stored.copy.digest))\"" }

    func response(from store: any FileStore) async throws -> Response {
        let known = Response(.ok, fields: fields).unlessKnown(to: request)
        if known.status != .ok { return known }
        switch range {
        case .whole: return try await response(.ok, 0..<size, store)
        case .part(let range):
            let field = Response.Field("content-range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)")
            return try await response(.partialContent, range, store).adding(field.name, field.value)
        case .unsatisfiable:
            throw Refusal(
                .rangeNotSatisfiable, "The file has \(size) bytes", fields: [.init("content-range", "bytes */\(size)")])
        }
    }

    /// RFC 9110, 13.1.5: a range of another content than the client has is of no use to it.
    private var range: ByteRange {
        guard request.method == .get, let asked = request[.range] else { return .whole }
        if let condition = request["if-range"], !condition.hasSameBytes(as: tag) { return .whole }
        return ByteRange(asked, of: size)
    }

    private func response(_ status: HTTP.Status, _ range: Range<Int>, _ store: any FileStore) async throws -> Response {
        var response = Response(status, fields: fields)
        response.isCompressible = false
        if request.method == .head {
            response.body = .sized(range.count) { _ in }
            return response
        }
        let file = try await store.open(stored.copy)
        // Read before the head is sent: what cannot be read is an answer of its own then.
        let end = min(range.lowerBound + file.pieceSize, range.upperBound)
        let first = try await file.bytes(range.lowerBound..<end)
        response.body = .sized(range.count) { writer in
            try await writer.write(first)
            var at = end
            while at < range.upperBound {
                let next = min(at + file.pieceSize, range.upperBound)
                try await writer.write(try await file.bytes(at..<next))
                at = next
            }
        }
        return response
    }

    /// What a browser must know to do no harm with a file from a stranger: its type is as we say, it is saved and not shown unless it is
    /// a picture, and if it is shown after all, it is alone and may do nothing.
    private var fields: [Response.Field] {
        let type = stored.attachment.type
        return [
            .init("content-type", type.rawValue),
            .init("x-content-type-options", "nosniff"),
            .init("content-disposition", ContentDisposition.field(stored.attachment.name, isInline: type.isShownInPlace)),
            .init("content-security-policy", "sandbox; default-src 'none'"),
            .init("cache-control", "private, max-age=300"),
            .init("accept-ranges", "bytes"),
            .init("etag", tag),
        ]
    }
}
