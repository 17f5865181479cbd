internal import CCurl
internal import Loop

/// One call and what comes back of it, as libcurl's handle.
//
// `@unchecked Sendable`: the caller makes it and hands it over once; from then on only the loop's thread touches it, and libcurl calls
// back on that thread alone. Its pointers are its own, and are let go with it.
final class HTTPTransfer: @unchecked Sendable {
    typealias Outcome = Result<HTTPAnswer, ClientFault>

    /// A head this large is no answer to anything that we ask.
    private static let largestHead = 64 << 10

    let easy: UnsafeMutableRawPointer
    private let words: UnsafeMutablePointer<CChar>
    private var source: UnsafeMutablePointer<curl_file_source>?
    private let rules: HTTPClientRules
    private var list: UnsafeMutablePointer<curl_slist>?
    private var ended: ((Outcome) -> Void)?

    private var fields: [(name: String, value: String)] = []
    private var body: [UInt8] = []
    private var headSize = 0
    private var isTooLarge = false
    private var hasMetRefusedPeer = false
    /// Set when it is cancelled before it has begun.
    var isCancelled = false

    init(_ call: HTTPCall, _ rules: HTTPClientRules) throws(ClientFault) {
        guard call.isSound else { throw .malformed }
        guard CurlLibrary.isReady, let easy = curl_easy_init() else { throw .broken("libcurl cannot be used") }
        self.easy = easy
        self.rules = rules
        words = .allocate(capacity: Int(CURL_ERROR_SIZE))
        words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        let code = set(call)
        guard code == CURLE_OK else { throw fault(code) }
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(list)
        words.deallocate()
        source?.deallocate()
    }

    /// Tells `ended` of the end, once.
    func begin(_ ended: @escaping (Outcome) -> Void) { self.ended = ended }

    func end(_ outcome: Outcome) {
        let ended = ended
        self.ended = nil
        ended?(outcome)
    }

    func end(_ code: CURLcode) {
        end(code == CURLE_OK ? .success(HTTPAnswer(status: Int(curl_status(easy)), fields: fields, body: body)) : .failure(fault(code)))
    }

    private func fault(_ code: CURLcode) -> ClientFault {
        switch code {
        case _ where isTooLarge, CURLE_FILESIZE_EXCEEDED: .tooLarge
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        case CURLE_COULDNT_CONNECT: hasMetRefusedPeer ? .peerRefused : .unreachable
        case CURLE_COULDNT_RESOLVE_HOST: .unknownHost
        case CURLE_URL_MALFORMAT: .malformed
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE: .untrusted(sentence(code))
        default: .broken(sentence(code))
        }
    }

    /// What libcurl says of this very case, or of all that have its number.
    private func sentence(_ code: CURLcode) -> String {
        words.pointee == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: words)
    }

    // MARK: - What is asked

    private func set(_ call: HTTPCall) -> CURLcode {
        var code = curl_set_rules(easy, words)
        func then(_ step: () -> CURLcode) { if code == CURLE_OK { code = step() } }
        then { curl_set_url(easy, call.url) }
        then { curl_set_times(easy, Self.milliseconds(rules.connecting), Self.milliseconds(rules.whole)) }
        then { curl_set_most(easy, Int64(rules.largestBody)) }
        if let authorities = rules.authorities { then { curl_set_authorities(easy, authorities) } }
        if let stalling = rules.stalling { then { curl_set_slowest(easy, 1024, max(1, Int(stalling.components.seconds))) } }
        then { setBody(call.body) }
        if let signature = call.signature {
            then { curl_set_store_signature(easy, "aws:amz:\(signature.region):s3", signature.key, signature.secret) }
        }
        then { setFields(call) }
        then { setListeners() }
        return code
    }

    private func setBody(_ body: HTTPCall.Body) -> CURLcode {
        switch body {
        case .none: CURLE_OK
        case .bytes(let bytes): bytes.withUnsafeBytes { curl_set_body(easy, $0.baseAddress, Int64($0.count)) }
        case .file(let descriptor, let size): setFile(descriptor, size)
        case .delete: curl_set_method(easy, "DELETE")
        }
    }

    private func setFile(_ descriptor: Int32, _ size: Int) -> CURLcode {
        let source = UnsafeMutablePointer<curl_file_source>.allocate(capacity: 1)
        source.initialize(to: curl_file_source(descriptor: descriptor, at: 0))
        self.source = source
        return curl_set_file(easy, source, Int64(size))
    }

    /// The last has no value, which takes it out: libcurl would wait a second for a word before it sends a large body. Not where it
    /// signs: it would sign that field too, which is not there (seen with 7.88).
    private func setFields(_ call: HTTPCall) -> CURLcode {
        for line in call.fields.map({ $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" })
            + (call.signature == nil ? ["Expect:"] : [])
        {
            guard let longer = curl_slist_append(list, line) else { return CURLE_OUT_OF_MEMORY }
            list = longer
        }
        return curl_set_fields(easy, list)
    }

    /// libcurl keeps a bare pointer to `self`: whoever runs the handle keeps the transfer as long.
    private func setListeners() -> CURLcode {
        let context = Unmanaged.passUnretained(self).toOpaque()
        let code = curl_set_receivers(
            easy,
            { bytes, _, count, context in
                HTTPTransfer.from(context)?.take(body: UnsafeRawBufferPointer(start: bytes, count: count)) == true ? count : 0
            },
            { bytes, _, count, context in
                HTTPTransfer.from(context)?.take(line: UnsafeRawBufferPointer(start: bytes, count: count)) == true ? count : 0
            }, context)
        guard code == CURLE_OK else { return code }
        return curl_set_opener(
            easy,
            { context, _, address in
                guard let transfer = HTTPTransfer.from(context), let address, transfer.mayCall(address) else { return CURL_SOCKET_BAD }
                return curl_open(address)
            }, context)
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> HTTPTransfer? {
        context.map { Unmanaged<HTTPTransfer>.fromOpaque($0).takeUnretainedValue() }
    }

    /// At least one, since 0 would mean for ever.
    private static func milliseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }

    // MARK: - What comes

    private func take(body bytes: UnsafeRawBufferPointer) -> Bool {
        isTooLarge = bytes.count > rules.largestBody - body.count
        if !isTooLarge { body.append(contentsOf: bytes) }
        return !isTooLarge
    }

    /// A line of the head. Each status line begins another head: those before were only "please wait".
    private func take(line bytes: UnsafeRawBufferPointer) -> Bool {
        headSize += bytes.count
        isTooLarge = headSize > Self.largestHead
        let line = String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            fields = []
        } else if let colon = line.firstIndex(of: ":") {
            var value = line[line.index(after: colon)...].drop(while: \.isWhitespace)
            while value.last?.isWhitespace == true { value.removeLast() }
            fields.append((String(line[..<colon]), String(value)))
        }
        return !isTooLarge
    }

    private func mayCall(_ address: UnsafePointer<curl_sockaddr>) -> Bool {
        var count: Int32 = 0
        let bytes = UnsafeRawBufferPointer(start: curl_peer(address, &count), count: Int(count))
        let number = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        let isAdmitted = count > 0 && rules.admits(count == 4 ? IPAddress(v4: UInt32(number)) : IPAddress(v6: number))
        if !isAdmitted { hasMetRefusedPeer = true }
        return isAdmitted
    }
}
