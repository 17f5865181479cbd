internal import CCrypto
internal import CLinux
internal import Glibc
internal import Loop

/// The certificate and key that the server shows, read from files and read again when the operator says so.
public final class TLSIdentity: Sendable {
    /// What was wrong with the files, in a sentence for the operator.
    public struct Fault: Error, CustomStringConvertible {
        public let description: String
    }

    private let certificate: String
    private let key: String
    private let context: Locked<TLSContext>

    /// Reads both files (PEM; the certificate with its chain). Blocks.
    public init(certificate: String, key: String) throws(Fault) {
        self.certificate = certificate
        self.key = key
        // OpenSSL writes with `write`, which raises SIGPIPE where a socket of ours would not.
        linux_ignore_broken_pipes()
        context = Locked(try TLSContext(certificate: certificate, key: key))
    }

    /// Reads the files again. New connections get the new certificate; when it is no good, the old one stays. Blocks.
    public func reload() throws(Fault) {
        let fresh = try TLSContext(certificate: certificate, key: key)
        context.withLock { $0 = fresh }
    }

    func session(for descriptor: Int32) -> TLSSession? { TLSSession(context.withLock { $0 }, descriptor) }
}

/// OpenSSL's context: settings and a certificate, shared by many sessions.
//
// `@unchecked Sendable`: an SSL_CTX may be used from several threads once it is set up, and this one never changes after `init`.
private final class TLSContext: @unchecked Sendable {
    let pointer: OpaquePointer

    init(certificate: String, key: String) throws(TLSIdentity.Fault) {
        guard let context = SSL_CTX_new(TLS_server_method()) else { throw TLSIdentity.Fault(description: "TLS is not to be had") }
        pointer = context
        guard martlet_tls_configure(context) else { throw TLSIdentity.Fault(description: "OpenSSL lacks the ciphers that are wanted") }
        ERR_clear_error()
        guard SSL_CTX_use_certificate_chain_file(context, certificate) == 1 else {
            throw Self.fault("\(certificate) holds no certificate that can be read")
        }
        var wantsPassPhrase: Int32 = 0
        guard martlet_tls_use_key(context, key, &wantsPassPhrase) == 1 else {
            if wantsPassPhrase != 0 {
                ERR_clear_error()
                throw TLSIdentity.Fault(
                    description: "\(key) is protected by a pass phrase: give a key without one, as `openssl pkey` writes it")
            }
            throw Self.fault("\(key) holds no key that can be read")
        }
        guard SSL_CTX_check_private_key(context) == 1 else { throw Self.fault("\(key) is not the key of \(certificate)") }
    }

    deinit { SSL_CTX_free(pointer) }

    private static func fault(_ sentence: String) -> TLSIdentity.Fault {
        var text = [CChar](repeating: 0, count: 256)
        let number = ERR_peek_last_error()
        ERR_error_string_n(number, &text, text.count)
        ERR_clear_error()
        let reason = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return TLSIdentity.Fault(description: number == 0 ? sentence : "\(sentence) (\(reason))")
    }
}

/// TLS on one connection, over its non-blocking socket. Loop only.
///
/// Counts are as those of `Socket`: bytes, zero at the end, or the negated number of an error (`EAGAIN` for "not now").
final class TLSSession {
    private let ssl: OpaquePointer
    private let context: TLSContext

    enum Handshake { case done, waiting, failed }

    fileprivate init?(_ context: TLSContext, _ descriptor: Int32) {
        guard let ssl = SSL_new(context.pointer) else { return nil }
        self.ssl = ssl
        self.context = context
        SSL_set_fd(ssl, descriptor)
        SSL_set_accept_state(ssl)
    }

    deinit { SSL_free(ssl) }

    func shakeHands() -> Handshake {
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        if result == 1 { return .done }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .waiting
        default: return .failed
        }
    }

    func receive(into room: UnsafeMutableRawBufferPointer) -> Int {
        ERR_clear_error()
        let count = SSL_read(ssl, room.baseAddress, Int32(clamping: room.count))
        return count > 0 ? Int(count) : translate(count)
    }

    func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        if bytes.isEmpty { return 0 }
        ERR_clear_error()
        let count = SSL_write(ssl, bytes.baseAddress, Int32(clamping: bytes.count))
        return count > 0 ? Int(count) : translate(count)
    }

    /// Tells the peer that no more will come, so that it can tell an end from a cut.
    func sayGoodbye() {
        ERR_clear_error()
        SSL_shutdown(ssl)
    }

    private func translate(_ result: Int32) -> Int {
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: -Int(EAGAIN)
        case SSL_ERROR_ZERO_RETURN: 0
        default: -Int(ECONNRESET)
        }
    }
}
