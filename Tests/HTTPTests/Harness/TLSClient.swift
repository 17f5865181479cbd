import CCrypto
import Glibc
import Testing

/// A client that speaks TLS, and trusts everybody.
final class TLSClient: Client {
    private let context: OpaquePointer
    private let ssl: OpaquePointer

    /// - Parameters:
    ///   - most: the highest version offered.
    ///   - protocols: what is offered by ALPN; nothing when empty.
    init(port: UInt16, most: Int32 = TLS1_3_VERSION, protocols: [String] = []) throws {
        let context = try #require(SSL_CTX_new(TLS_client_method()))
        // Level 0, so that it is the server who refuses what is too old.
        SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0")
        SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_VERSION), nil)
        SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(most), nil)
        self.context = context
        ssl = try #require(SSL_new(context))
        try super.init(port: port)
        let list = protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        SSL_set_alpn_protos(ssl, list, UInt32(list.count))
        SSL_set_fd(ssl, descriptor)
        guard SSL_connect(ssl) == 1 else { throw Trouble.malformed("handshake") }
    }

    deinit {
        SSL_free(ssl)
        SSL_CTX_free(context)
    }

    var version: String { String(cString: SSL_get_version(ssl)) }

    /// What was agreed upon by ALPN.
    var agreed: String? {
        var name: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &length)
        return name.map { String(decoding: UnsafeBufferPointer(start: $0, count: Int(length)), as: UTF8.self) }
    }

    /// Whom the server's certificate names.
    var serverName: String? {
        guard let certificate = SSL_get1_peer_certificate(ssl) else { return nil }
        defer { X509_free(certificate) }
        var text = [CChar](repeating: 0, count: 200)
        X509_NAME_oneline(X509_get_subject_name(certificate), &text, Int32(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    override func rawSend(_ bytes: UnsafeRawBufferPointer) -> Int { Int(SSL_write(ssl, bytes.baseAddress, Int32(bytes.count))) }

    override func rawReceive(_ room: UnsafeMutableRawBufferPointer) -> Int {
        let count = SSL_read(ssl, room.baseAddress, Int32(room.count))
        if count > 0 || SSL_get_error(ssl, count) == SSL_ERROR_ZERO_RETURN { return Int(max(count, 0)) }
        errno = ECONNRESET
        return -1
    }
}

/// A certificate and its key in a folder that is removed at the end.
final class Certificates {
    let folder: String
    var certificate: String { "\(folder)/certificate.pem" }
    var key: String { "\(folder)/key.pem" }

    init() throws {
        var name = Array("/tmp/martlet-tests-XXXXXX".utf8CString)
        try #require(mkdtemp(&name) != nil)
        folder = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try make("first")
    }

    deinit {
        unlink(certificate)
        unlink(key)
        rmdir(folder)
    }

    /// Makes a new pair under the same names.
    func make(_ name: String) throws {
        let words = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-keyout", key,
            "-out",
            certificate, "-subj", "/CN=\(name)",
        ]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var process = pid_t()
        try #require(posix_spawnp(&process, "openssl", &actions, nil, &arguments, environ) == 0)
        var status: Int32 = 0
        waitpid(process, &status, 0)
        try #require(status == 0)
    }
}
