public import Codec

extension Request {
    /// The query, as its shape says. Unknown parameters are faults unless told otherwise: a typo must not be ignored.
    public func readQuery<Value: Shaped>(as _: Value.Type, unknown: Reading.Unknown = .refused) throws -> Value {
        let pairs: [(String, String)]
        do throws(Codec.Query.Fault) {
            pairs = try Codec.Query.parse(bytes(work.pointee.head.query))
        } catch {
            throw Faults(error).map { Refusal.invalid($0) } ?? Refusal.badRequest("The query is malformed")
        }
        do throws(Faults) {
            return try Value.shape.read(query: pairs, unknown: unknown)
        } catch {
            throw Refusal.invalid(query: error)
        }
    }

    /// The query of a route that takes one, or that takes none: then any parameter is refused, unless unknown ones are ignored.
    public func query<Value: Shaped>(as _: Value.Type, unknown: Reading.Unknown = .refused) throws -> Value {
        if Value.self != Nothing.self { return try readQuery(as: Value.self, unknown: unknown) }
        if case .refused = unknown { try refuseQuery() }
        return Value.shape.empty
    }

    /// Refuses any parameter, for a route that takes none.
    public func refuseQuery() throws {
        if work.pointee.head.hasQuery, !work.pointee.head.query.isEmpty { _ = try readQuery(as: Nothing.self) }
    }

    /// The body, as its shape says.
    @usableFromInline func readJSON<Body: Shaped>(as _: Body.Type, unknown: Reading.Unknown) async throws -> Body {
        let whole = try await wholeJSON()
        return try refusing { () throws(Faults) in
            try whole.withUnsafeBytes { (bytes) throws(Faults) in try Body.shape.read(json: bytes, unknown: unknown) }
        }
    }

    /// All bytes of a body that is JSON, or says nothing of what it is.
    public func wholeJSON() async throws -> ByteSlice {
        try checkType("application/json")
        return try await wholeBody(upTo: usualBodyLimit)
    }

    /// The body as a form, as its shape says.
    @usableFromInline func readForm<Body: Shaped>(as _: Body.Type, unknown: Reading.Unknown) async throws -> Body {
        try checkType(Form.mediaType)
        let whole = try await wholeBody(upTo: usualBodyLimit)
        let pairs: [(String, String)]
        do throws(Codec.Query.Fault) {
            pairs = try whole.withUnsafeBytes { (bytes) throws(Codec.Query.Fault) in try Form.parse(bytes) }
        } catch {
            throw Faults(error).map { Refusal.invalid($0) } ?? Refusal.badRequest("The form is malformed")
        }
        return try refusing { () throws(Faults) in try Body.shape.read(form: pairs, unknown: unknown) }
    }

    private func refusing<Value>(_ read: () throws(Faults) -> Value) throws -> Value {
        do {
            return try read()
        } catch {
            throw Refusal.invalid(error)
        }
    }

    /// Refuses a body that says it is something else, or written in something else than UTF-8. One that does not say is taken for what the
    /// route takes: many small clients name no type. A page of another site gains nothing by that, because callers are known by tokens and
    /// not by cookies, which a browser would send along by itself.
    public func checkType(_ wanted: StaticString) throws {
        let fault: String?? = withField(.contentType) { value in
            let essence = value.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
            guard UnsafeRawBufferPointer(rebasing: essence).equalsIgnoringCase(wanted) else { return "The body must be \(wanted)" }
            return value.namesOtherCharset ? "The body must be in UTF-8" : nil
        }
        if let message = fault ?? nil { throw Refusal(.unsupportedMediaType, message) }
        try refusePacked()
    }

    /// Refuses a body that is compressed.
    func refusePacked() throws {
        let isPacked = withField(.contentEncoding) { !$0.equalsIgnoringCase("identity") }
        if isPacked == true { throw Refusal(.unsupportedMediaType, "The body must not be compressed") }
    }

    /// Whether the client takes gzip (RFC 9110, 12.5.3): named, or meant by `*`, and not with a weight of zero.
    var acceptsGzip: Bool {
        withField(.acceptEncoding) { value in
            var any: Bool?
            for member in value.split(separator: UInt8(ascii: ",")) {
                let parts = member.split(separator: UInt8(ascii: ";")).map { UnsafeRawBufferPointer(rebasing: $0).trimmed }
                guard let coding = parts.first else { continue }
                let isRefused = parts.dropFirst().contains { weight in
                    guard weight.count >= 3, weight[0] | 0x20 == UInt8(ascii: "q"), weight[1] == UInt8(ascii: "=") else { return false }
                    return !weight.dropFirst(2).contains { $0 >= UInt8(ascii: "1") && $0 <= UInt8(ascii: "9") }
                }
                if coding.equalsIgnoringCase("gzip") { return !isRefused }
                if coding.elementsEqual([UInt8(ascii: "*")]) { any = !isRefused }
            }
            return any ?? false
        } ?? false
    }
}

extension UnsafeRawBufferPointer {
    /// The members of a list with commas between them (RFC 9110, 5.6.1), without the blanks around each.
    public var listMembers: [UnsafeRawBufferPointer] {
        split(separator: UInt8(ascii: ",")).map { UnsafeRawBufferPointer(rebasing: $0).trimmed }
    }

    /// Whether a `Content-Type` names a charset other than UTF-8 and the part of it that is ASCII.
    fileprivate var namesOtherCharset: Bool {
        let known: [StaticString] = ["utf-8", "utf8", "us-ascii"]
        return split(separator: UInt8(ascii: ";")).dropFirst().contains { parameter in
            let parts = parameter.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, UnsafeRawBufferPointer(rebasing: parts[0]).trimmed.equalsIgnoringCase("charset") else { return false }
            let charset = UnsafeRawBufferPointer(rebasing: parts[1]).trimmed.unquoted
            return !known.contains { charset.equalsIgnoringCase($0) }
        }
    }

    /// Without the quotation marks around it, if there are any.
    private var unquoted: UnsafeRawBufferPointer {
        let quote = UInt8(ascii: "\"")
        guard count >= 2, first == quote, last == quote else { return self }
        return UnsafeRawBufferPointer(rebasing: self[1..<count - 1])
    }

    /// Without the blanks around it.
    public var trimmed: UnsafeRawBufferPointer {
        var rest = self[...]
        while let first = rest.first, first == 0x20 || first == 0x09 { rest = rest.dropFirst() }
        while let last = rest.last, last == 0x20 || last == 0x09 { rest = rest.dropLast() }
        return UnsafeRawBufferPointer(rebasing: rest)
    }
}
