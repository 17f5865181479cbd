internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

// `Idempotency-Key`: a request that is sent again has its effect once, and gets the first answer again.

extension Request {
    /// The request as one that may be repeated; nil when it has no key. Throws 400 for a key that is none.
    func repeatable(by caller: Caller, _ body: ByteSlice?) throws -> RepeatableRequest? {
        guard let key = try idempotencyKey() else { return nil }
        guard let body else { return repeatable(by: caller, key: key, UnsafeRawBufferPointer(start: nil, count: 0)) }
        return body.withUnsafeBytes { repeatable(by: caller, key: key, $0) }
    }

    func idempotencyKey() throws -> String? {
        guard let key = self[.idempotencyKey] else { return nil }
        guard (1...255).contains(key.unicodeScalars.count) else {
            throw Refusal.badRequest("An Idempotency-Key has 1 to 255 characters")
        }
        return key
    }

    func repeatable(by caller: Caller, key: String, _ body: UnsafeRawBufferPointer) -> RepeatableRequest {
        RepeatableRequest(caller: caller, method: method.text.description, path: path, key: key, body: body)
    }
}

extension KeptAnswer {
    init(_ response: Response) {
        let body: [UInt8] = if case .bytes(let bytes) = response.body { bytes } else { [] }
        self.init(
            status: response.status.rawValue, fields: response.fields.map { ($0.name.description, $0.value) }, body: body)
    }
}

extension Response {
    /// An answer that was given before.
    init(_ kept: KeptAnswer) {
        let status = Status(rawValue: kept.status) ?? .ok
        self.init(status, type: kept.body.isEmpty ? nil : .json, body: kept.body.isEmpty ? .none : .bytes(kept.body))
        fields = kept.fields.compactMap { field in Self.name(field.name).map { Field($0, field.value) } }
        fields.append(Field("idempotency-replayed", "true"))
    }

    /// The fields that our answers have.
    private static func name(_ text: String) -> StaticString? {
        switch text {
        case "etag": "etag"
        case "location": "location"
        case "link": "link"
        default: nil
        }
    }
}
