// Strict by intent. Where two readers of the same bytes could find two different requests, an attacker puts one of them behind
// the other's back (request smuggling); so whatever RFC 9112 leaves to a recipient's leniency is refused here.

extension RequestHead {
    /// The longest request target.
    public static let targetLimit = 8 * 1024

    /// Reads a whole head, from the request line to the empty line, into `self`. `bytes` is what `HeadScanner` found complete.
    ///
    /// The buffer's subscript checks its bounds in debug builds only. Here every walk ends at the latest at the CR of the closing
    /// CRLFCRLF, which no token, target, host or value may hold; hence the check that it is there.
    public mutating func parse(_ bytes: UnsafeRawBufferPointer) throws(HTTPFault) {
        guard bytes.count >= 4, bytes.count <= Int(UInt16.max),
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: bytes.count &- 4, as: UInt32.self)) == 0x0A0D_0A0D
        else { throw .requestLine }
        clear()
        length = bytes.count
        var at = try parseRequestLine(bytes)
        let end = bytes.count &- 2
        while at < end { at = try parseField(bytes, at) }
        try settle(bytes)
    }

    /// Forgets the last request, also when no new one follows.
    public mutating func clear() {
        places.update(repeating: 0, count: Self.nameCount)
        fieldCount = 0
        method = .get
        methodText = .none
        isVersion11 = true
        keepsAlive = true
        path = .none
        query = .none
        authority = .none
        hasQuery = false
        framing = .none
        expectsContinue = false
        upgrade = .none
    }

    // MARK: - The request line

    private mutating func parseRequestLine(_ bytes: UnsafeRawBufferPointer) throws(HTTPFault) -> Int {
        var at = 0
        while ASCII.isToken(bytes[at]) { at &+= 1 }
        guard at > 0, bytes[at] == ASCII.space else { throw .requestLine }
        methodText = Piece(start: 0, end: at)
        method = Self.method(UnsafeRawBufferPointer(rebasing: bytes[0..<at]))
        let target = at &+ 1
        at = try parseTarget(bytes, target)
        guard at > target, bytes[at] == ASCII.space else { throw .requestLine }
        guard at &- target <= Self.targetLimit else { throw .targetTooLong }
        at &+= 1
        // "HTTP/1.x" and CRLF: ten bytes.
        guard at &+ 10 <= bytes.count else { throw .requestLine }
        let name = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
        switch name {
        case 0x312E_312F_5054_5448: isVersion11 = true  // "HTTP/1.1"
        case 0x302E_312F_5054_5448: isVersion11 = false  // "HTTP/1.0"
        default: isVersion11 = try Self.isNewerMinor(name)
        }
        guard bytes[at &+ 8] == ASCII.carriageReturn, bytes[at &+ 9] == ASCII.lineFeed else { throw .requestLine }
        return at &+ 10
    }

    /// True for `HTTP/1.2` to `HTTP/1.9`, whose requests mean what they mean in 1.1 (RFC 9110, 2.5). Throws for another major version, and
    /// for what is no version at all.
    private static func isNewerMinor(_ name: UInt64) throws(HTTPFault) -> Bool {
        let isDigit: (UInt64) -> Bool = { $0 >= 0x30 && $0 <= 0x39 }
        let (major, dot, minor) = (name >> 40 & 0xFF, name >> 48 & 0xFF, name >> 56)
        guard name & 0xFF_FFFF_FFFF == 0x2F_5054_5448, isDigit(major), dot == 0x2E, isDigit(minor) else { throw .requestLine }
        guard major == 0x31 else { throw .version }
        return true
    }

    private static func method(_ bytes: UnsafeRawBufferPointer) -> Method {
        switch (bytes.count, bytes[0]) {
        case (3, UInt8(ascii: "G")): isExactly(bytes, "GET") ? .get : .other
        case (3, UInt8(ascii: "P")): isExactly(bytes, "PUT") ? .put : .other
        case (4, UInt8(ascii: "P")): isExactly(bytes, "POST") ? .post : .other
        case (4, UInt8(ascii: "H")): isExactly(bytes, "HEAD") ? .head : .other
        case (5, UInt8(ascii: "P")): isExactly(bytes, "PATCH") ? .patch : .other
        case (6, UInt8(ascii: "D")): isExactly(bytes, "DELETE") ? .delete : .other
        case (7, UInt8(ascii: "O")): isExactly(bytes, "OPTIONS") ? .options : .other
        default: .other
        }
    }

    /// Method names are case-sensitive.
    private static func isExactly(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        for index in 0..<bytes.count where bytes[index] != text.utf8Start[index] { return false }
        return true
    }

    /// Origin-form, absolute-form, or `*` with OPTIONS. Returns where the target ends.
    private mutating func parseTarget(_ bytes: UnsafeRawBufferPointer, _ start: Int) throws(HTTPFault) -> Int {
        var at = start
        switch bytes[at] {
        case UInt8(ascii: "/"): break
        case UInt8(ascii: "*"):
            guard method == .options, bytes[at &+ 1] == ASCII.space else { throw .target }
            path = Piece(start: at, end: at &+ 1)
            return at &+ 1
        default:
            at = try parseAuthority(bytes, at)
            if bytes[at] == ASCII.space { return at }  // "http://host": the path is empty, which means "/".
        }
        let pathStart = at
        while ASCII.isPath(bytes[at]) { at &+= 1 }
        path = Piece(start: pathStart, end: at)
        if bytes[at] == UInt8(ascii: "?") {
            let queryStart = at &+ 1
            at = queryStart
            while ASCII.isQuery(bytes[at]) { at &+= 1 }
            query = Piece(start: queryStart, end: at)
            hasQuery = true
        }
        guard bytes[at] == ASCII.space else { throw .target }
        return at
    }

    /// The `http://host:port` of an absolute-form target. It takes the place of `Host`, which must say the same.
    private mutating func parseAuthority(_ bytes: UnsafeRawBufferPointer, _ start: Int) throws(HTTPFault) -> Int {
        let http: StaticString = "http://"
        let https: StaticString = "https://"
        var at = start
        if start &+ 8 < bytes.count, UnsafeRawBufferPointer(rebasing: bytes[start..<start &+ 7]).equalsIgnoringCase(http) {
            at = start &+ 7
        } else if start &+ 9 < bytes.count, UnsafeRawBufferPointer(rebasing: bytes[start..<start &+ 8]).equalsIgnoringCase(https) {
            at = start &+ 8
        } else {
            throw .target
        }
        let hostStart = at
        while Self.isHost(bytes[at]) { at &+= 1 }
        guard at > hostStart else { throw .target }
        switch bytes[at] {
        case UInt8(ascii: "/"), UInt8(ascii: "?"), ASCII.space: break
        default: throw .target
        }
        authority = Piece(start: hostStart, end: at)
        return at
    }

    // MARK: - Fields

    private mutating func parseField(_ bytes: UnsafeRawBufferPointer, _ start: Int) throws(HTTPFault) -> Int {
        var at = start
        while ASCII.isToken(bytes[at]) { at &+= 1 }
        guard at > start, bytes[at] == UInt8(ascii: ":") else {
            // A line that begins with a blank is obs-fold, or a field before the first; both are read differently by different servers.
            throw at == start && ASCII.isBlank(bytes[at]) ? .folding : .fieldName
        }
        let name = Piece(start: start, end: at)
        at &+= 1
        while ASCII.isBlank(bytes[at]) { at &+= 1 }
        let valueStart = at
        // Eight bytes at a time while none of them is a control character. The subtraction borrows into a byte's top bit when the byte
        // is below 0x20; the exclusive or makes 0x7F zero, which the second subtraction finds likewise.
        var seen: UInt64 = 0
        while at &+ 8 <= bytes.count {
            let block = bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            let delete = block ^ 0x7F7F_7F7F_7F7F_7F7F
            let below = (block &- 0x2020_2020_2020_2020) & ~block
            let isDelete = (delete &- 0x0101_0101_0101_0101) & ~delete
            if (below | isDelete) & 0x8080_8080_8080_8080 != 0 { break }
            seen |= block
            at &+= 8
        }
        while ASCII.isFieldValue(bytes[at]) {
            seen |= UInt64(bytes[at])
            at &+= 1
        }
        guard bytes[at] == ASCII.carriageReturn else { throw bytes[at] == ASCII.lineFeed ? .bareLineFeed : .fieldValue }
        guard bytes[at &+ 1] == ASCII.lineFeed else { throw .bareCarriageReturn }
        var valueEnd = at
        while valueEnd > valueStart, ASCII.isBlank(bytes[valueEnd &- 1]) { valueEnd &-= 1 }
        if seen & 0x8080_8080_8080_8080 != 0 { try checkMarks(UnsafeRawBufferPointer(rebasing: bytes[valueStart..<valueEnd])) }
        try add(bytes, name, Piece(start: valueStart, end: valueEnd))
        return at &+ 2
    }

    /// Apart, because nearly every value is ASCII.
    @inline(never) private func checkMarks(_ value: UnsafeRawBufferPointer) throws(HTTPFault) {
        guard CombiningMarks.areFew(in: value) else { throw .combiningMarks }
    }

    private mutating func add(_ bytes: UnsafeRawBufferPointer, _ name: Piece, _ value: Piece) throws(HTTPFault) {
        guard fieldCount < Self.fieldLimit else { throw .tooManyFields }
        fields[fieldCount] = Field(name: name, value: value)
        fieldCount &+= 1
        guard let known = FieldName.named(UnsafeRawBufferPointer(rebasing: bytes[name.range])) else { return }
        let place = Int(known.rawValue)
        if places[place] == 0 {
            places[place] = UInt8(truncatingIfNeeded: fieldCount)
        } else {
            switch known {
            case .host: throw .host
            case .contentLength: throw .contentLength
            case .transferEncoding: throw .transferEncoding
            case .expect: throw .expectation
            default: break
            }
        }
    }

    // MARK: - What the fields mean together

    private mutating func settle(_ bytes: UnsafeRawBufferPointer) throws(HTTPFault) {
        try settleHost(bytes)
        try settleFraming(bytes)
        keepsAlive = isVersion11
        if let connection = place(of: .connection) { try settleConnection(bytes, connection) }
        if let expectation = place(of: .expect), isVersion11 {
            guard UnsafeRawBufferPointer(rebasing: bytes[expectation.range]).equalsIgnoringCase("100-continue") else { throw .expectation }
            expectsContinue = framing != .none
        }
    }

    private mutating func settleHost(_ bytes: UnsafeRawBufferPointer) throws(HTTPFault) {
        defer { authority = .none }
        guard let host = place(of: .host) else {
            if isVersion11 { throw .host }
            return
        }
        for index in host.range where !Self.isHost(bytes[index]) { throw .host }
        if !authority.isEmpty {
            let named = UnsafeRawBufferPointer(rebasing: bytes[authority.range])
            guard named.elementsEqual(UnsafeRawBufferPointer(rebasing: bytes[host.range])) else { throw .host }
        }
    }

    /// Registered names, addresses, a port; no user, which nobody needs and which misleads.
    private static func isHost(_ byte: UInt8) -> Bool {
        ASCII.isPath(byte) && byte != UInt8(ascii: "/") && byte != UInt8(ascii: "@")
    }

    private mutating func settleFraming(_ bytes: UnsafeRawBufferPointer) throws(HTTPFault) {
        let length = place(of: .contentLength)
        if let coding = place(of: .transferEncoding) {
            guard length == nil else { throw .framing }
            guard isVersion11, UnsafeRawBufferPointer(rebasing: bytes[coding.range]).equalsIgnoringCase("chunked") else {
                throw .transferEncoding
            }
            framing = .chunked
        } else if let length {
            guard !length.isEmpty, length.length <= 18 else { throw .contentLength }
            var number = 0
            for index in length.range {
                let digit = bytes[index] &- UInt8(ascii: "0")
                guard digit <= 9 else { throw .contentLength }
                number = number &* 10 &+ Int(digit)
            }
            framing = number == 0 ? .none : .length(number)
        }
    }

    private mutating func settleConnection(_ bytes: UnsafeRawBufferPointer, _ first: Piece) throws(HTTPFault) {
        var asksClose = false
        var asksUpgrade = false
        // The field may be repeated; every member of every one counts.
        for index in 0..<fieldCount where fields[index].name.length == 10 {
            guard UnsafeRawBufferPointer(rebasing: bytes[fields[index].name.range]).equalsIgnoringCase("connection") else { continue }
            var at = fields[index].value.range.lowerBound
            let end = fields[index].value.range.upperBound
            while at < end {
                while at < end, ASCII.isBlank(bytes[at]) || bytes[at] == UInt8(ascii: ",") { at &+= 1 }
                let start = at
                while at < end, ASCII.isToken(bytes[at]) { at &+= 1 }
                let option = UnsafeRawBufferPointer(rebasing: bytes[start..<at])
                if option.equalsIgnoringCase("close") {
                    asksClose = true
                } else if option.equalsIgnoringCase("keep-alive") {
                    if !isVersion11 { keepsAlive = true }
                } else if option.equalsIgnoringCase("upgrade") {
                    asksUpgrade = true
                } else if option.equalsIgnoringCase("content-length") || option.equalsIgnoringCase("transfer-encoding")
                    || option.equalsIgnoringCase("host")
                {
                    // Asks a proxy to take the framing away before we see it.
                    throw .connection
                }
                while at < end, ASCII.isBlank(bytes[at]) { at &+= 1 }
                guard at == end || bytes[at] == UInt8(ascii: ",") else { throw .connection }
            }
        }
        if asksClose { keepsAlive = false }
        if asksUpgrade, isVersion11, place(of: .upgrade) != nil { upgrade = offersWebSocket(bytes) ? .webSocket : .other }
    }

    /// Whether any `Upgrade` field names WebSocket, alone or among other protocols (RFC 9110, 7.8).
    private func offersWebSocket(_ bytes: UnsafeRawBufferPointer) -> Bool {
        for index in 0..<fieldCount where fields[index].name.length == 7 {
            guard UnsafeRawBufferPointer(rebasing: bytes[fields[index].name.range]).equalsIgnoringCase("upgrade") else { continue }
            var at = fields[index].value.range.lowerBound
            let end = fields[index].value.range.upperBound
            while at < end {
                while at < end, ASCII.isBlank(bytes[at]) || bytes[at] == UInt8(ascii: ",") { at &+= 1 }
                let start = at
                while at < end, bytes[at] != UInt8(ascii: ",") { at &+= 1 }
                var last = at
                while last > start, ASCII.isBlank(bytes[last &- 1]) { last &-= 1 }
                if UnsafeRawBufferPointer(rebasing: bytes[start..<last]).equalsIgnoringCase("websocket") { return true }
            }
        }
        return false
    }
}
