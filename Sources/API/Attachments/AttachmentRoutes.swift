internal import Codec
internal import Domain
internal import HTTP
public import Helpdesk

/// `/attachments`: files are sent before the comment that they go with, and read by who sees it.
public enum AttachmentRoutes {
    /// - Parameters:
    ///   - store: where files lie.
    ///   - limit: how many bytes a file may have.
    public static func declare(in desk: inout DeskRoutes, _ store: any FileStore, upTo limit: Int) {
        desk.routes.parameter("attachment", .word("uuid"), "A file, by id")
        declareUpload(in: &desk, store, limit)
        declareDownload(in: &desk, store)
        desk.change(
            .delete, "/attachments/{attachment}", .signedIn, "Deletes a file that one has sent, as long as it is on no comment",
            gives: .noContent
        ) { ask, work in
            try await work.deleteUpload(ask.path.attachment, as: ask.caller)
            return Nothing()
        }
    }

    private static func declareUpload(in desk: inout DeskRoutes, _ store: any FileStore, _ limit: Int) {
        let owner = desk.desk
        desk.routes.upload(
            .post, "/attachments", .signedIn, "Sends a file, to be named by a comment within a day", form: UploadForm.self,
            gives: .created(AttachmentView.self)
        ) { request in
            try request.refuseQuery()
            let caller = try request.mustBeSignedIn()
            let most = UploadLimit(limit)
            let form = try UploadReader.form(of: request, upTo: most)
            let room = try await owner.read(for: Asker(caller)) { look in try await look.roomForUpload(of: caller) }
            let limit = most.within(room, of: owner.rules.uploadQuotaMB << 20)
            try UploadReader.mustBe(request, within: limit)
            let bytes = try await store.begin()
            do {
                let response = try await keep(form, upTo: limit, bytes, in: store, request, caller, owner)
                await bytes.discard()
                return response
            } catch {
                await bytes.discard()
                throw error
            }
        }
    }

    private static func keep(
        _ form: MultipartBody, upTo limit: UploadLimit, _ bytes: any IncomingFile, in store: any FileStore, _ request: Request,
        _ caller: Caller, _ desk: Desk
    ) async throws -> Response {
        var reader = UploadReader(form, upTo: limit, into: bytes)
        let file = try await reader.read()
        let gives = Answer.created(AttachmentView.self)
        let outcome = try await desk.keepUpload(
            file, bytes, in: store, as: caller, once: try request.repeatable(by: caller, file),
            keeping: { KeptAnswer(Routes.response(gives, AttachmentView($0)).shown(to: caller)) })
        switch outcome {
        case .done(let attachment): return Routes.response(gives, AttachmentView(attachment)).shown(to: caller)
        case .repeated(let answer): return Response(answer)
        }
    }

    private static func declareDownload(in desk: inout DeskRoutes, _ store: any FileStore) {
        let owner = desk.desk
        desk.routes.raw(
            .get, "/attachments/{attachment}", .everyone,
            "Gives a file to who sees its comment, and before it has one to its sender; or to anybody by a signed address",
            gives: MediaType("*/*", isCompressible: false),
            notes: RouteNotes(query: LinkQuery.shape.outline)
        ) { request in
            let stored = try await find(request, owner)
            return try await FileAnswer(stored, request).response(from: store)
        }
        desk.routes.alsoRefuses(with: .rangeNotSatisfiable)
        desk.routes.alsoGives(.partialContent)
    }
}

extension AttachmentRoutes {
    /// The file that is asked for, if the address is signed or the caller may see it.
    private static func find(_ request: Request, _ desk: Desk) async throws -> StoredAttachment {
        let id: Attachment.ID = try request.pathValues.attachment
        let link = try request.query(as: LinkQuery.self)
        let caller = request.identity as? Caller
        if let signature = link.signature, let expires = link.expires {
            do {
                return try await desk.read(for: request.asker) { look in
                    try await look.attachment(id, signature: signature, expires: expires)
                }
            } catch DeskError.unauthorized where caller != nil {
                // An old address does not keep anybody from what is theirs to see,
            } catch DeskError.notFound where caller != nil {
                // nor one whose ticket is in the bin an admin.
            }
        }
        guard let caller else { throw Refusal.unauthorized() }
        return try await desk.read(for: Asker(caller)) { look in try await look.attachment(id, as: caller) }
    }
}

extension Request {
    /// The request as one that may be repeated. Another form around the same file is the same body: clients draw its boundary anew.
    fileprivate func repeatable(by caller: Caller, _ file: ReceivedFile) throws -> RepeatableRequest? {
        guard let key = try idempotencyKey() else { return nil }
        let body = file.content.digest + Array("\(file.name)\0\(file.type.rawValue)".utf8)
        return body.withUnsafeBytes { repeatable(by: caller, key: key, $0) }
    }
}

/// The query of a signed address.
struct LinkQuery: Shaped {
    var expires: Int?
    var signature: String?

    static let shape = Shape("AttachmentLink", "What a signed address says", LinkQuery()) {
        Field("expires", \.expires, Kind<Int>.integer(0...Int.mostExact).optional, "When the address ends, in seconds since 1970")
        Field("signature", \.signature, Kind<String>.text(1...100).optional, "That we made it")
    }
}
