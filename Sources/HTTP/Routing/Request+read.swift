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
        return try refusing { () throws(Faults) in try Value.shape.read(query: pairs, unknown: unknown) }
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
        return try await wholeBody(upTo: work.pointee.body.limit)
    }

    /// The body as a form, as its shape says.
    @usableFromInline func readForm<Body: Shaped>(as _: Body.Type, unknown: Reading.Unknown) async throws -> Body {
        try checkType(Form.mediaType)
        let whole = try await wholeBody(upTo: work.pointee.body.limit)
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

    /// Refuses a body that says it is something else. One that does not say is taken for what the route takes.
    public func checkType(_ wanted: StaticString) throws {
        let isOther = withField(.contentType) { value in
            let essence = value.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
            return !UnsafeRawBufferPointer(rebasing: essence).equalsIgnoringCase(wanted)
        }
        if isOther == true { throw Refusal(.unsupportedMediaType, "The body must be \(wanted)") }
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

    /// Without the blanks around it.
    public var trimmed: UnsafeRawBufferPointer {
        var rest = self[...]
        while let first = rest.first, first == 0x20 || first == 0x09 { rest = rest.dropFirst() }
        while let last = rest.last, last == 0x20 || last == 0x09 { rest = rest.dropLast() }
        return UnsafeRawBufferPointer(rebasing: rest)
    }
}
