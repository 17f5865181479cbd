internal import CCurl
internal import Glibc
internal import Loop

/// The library, made ready once in a process.
enum CurlLibrary {
    /// False when it cannot be used: one that looks up names on the thread that asks would hold up the loop.
    static let isReady: Bool = {
        // OpenSSL writes with `write`, which raises SIGPIPE where a socket of ours would not.
        signal(SIGPIPE, SIG_IGN)
        return curl_prepare() == CURLE_OK && curl_resolves_beside() != 0
    }()
}

/// The transfers of one client: libcurl says which sockets and which time it waits for, and the loop tells it when they come.
///
/// Loop only, but for making it and letting it go.
//
// `@unchecked Sendable`: only the loop's thread touches what is in it. Whoever waits for a transfer holds the client and so this, so
// that there is nothing left to run when it goes, on whatever thread that is.
final class Transfers: @unchecked Sendable {
    /// Connections kept for the next transfer: enough for the few machines that one client calls.
    private static let keptConnections = 8

    private let loop: EventLoop
    private let multi: UnsafeMutableRawPointer
    private var running: [UnsafeMutableRawPointer: HTTPTransfer] = [:]
    private var sockets: [curl_socket_t: Registration] = [:]
    private var timer: LoopTimer?

    init(on loop: EventLoop) throws(ClientFault) {
        guard CurlLibrary.isReady, let multi = curl_multi_init() else { throw .broken("libcurl cannot be used") }
        self.loop = loop
        self.multi = multi
        curl_keep_connections(multi, Self.keptConnections)
        // A bare pointer to `self`, which outlives the handle.
        let context = Unmanaged.passUnretained(self).toOpaque()
        curl_on_socket(multi, { _, socket, what, context, _ in Transfers.from(context)?.watch(socket, what) == true ? 0 : -1 }, context)
        curl_on_timer(
            multi,
            { _, milliseconds, context in
                Transfers.from(context)?.wait(milliseconds)
                return 0
            }, context)
    }

    deinit {
        curl_on_socket(multi, nil, nil)
        curl_on_timer(multi, nil, nil)
        curl_multi_cleanup(multi)
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Transfers? {
        context.map { Unmanaged<Transfers>.fromOpaque($0).takeUnretainedValue() }
    }

    // MARK: - From beginning to end

    /// Begins a transfer. `ended` is called once, later, unless it was cancelled already: then at once.
    func start(_ transfer: HTTPTransfer, _ ended: @escaping (HTTPTransfer.Outcome) -> Void) {
        transfer.begin(ended)
        guard !transfer.isCancelled else { return transfer.end(.failure(.cancelled)) }
        running[transfer.easy] = transfer
        guard curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else {
            running[transfer.easy] = nil
            return transfer.end(CURLE_FAILED_INIT)
        }
    }

    /// Ends a transfer, or keeps it from beginning. One that has ended stays as it is.
    func cancel(_ transfer: HTTPTransfer) {
        transfer.isCancelled = true
        guard running.removeValue(forKey: transfer.easy) != nil else { return }
        curl_multi_remove_handle(multi, transfer.easy)
        transfer.end(.failure(.cancelled))
    }

    /// Lets libcurl go on, with a socket or with what its time has come for.
    fileprivate func act(on socket: curl_socket_t) {
        var count: Int32 = 0
        // It looks itself what the socket is ready for.
        curl_multi_socket_action(multi, socket, 0, &count)
        while let message = curl_multi_info_read(multi, &count) {
            // Removing the handle frees the message.
            let (kind, easy, code) = (message.pointee.msg, message.pointee.easy_handle, message.pointee.data.result)
            guard kind == CURLMSG_DONE, let easy, let transfer = running.removeValue(forKey: easy) else { continue }
            curl_multi_remove_handle(multi, easy)
            transfer.end(code)
        }
    }

    // MARK: - What libcurl waits for

    private func watch(_ socket: curl_socket_t, _ what: Int32) -> Bool {
        guard what != CURL_POLL_REMOVE else {
            if let known = sockets.removeValue(forKey: socket) { loop.unwatch(known) }
            return true
        }
        let interest: Readiness =
            switch what {
            case CURL_POLL_IN: .reading
            case CURL_POLL_OUT: .writing
            default: [.reading, .writing]
            }
        if let known = sockets[socket] {
            if loop.change(known, to: interest) { return true }
            // libcurl has closed that socket and opened another, which got its number.
            loop.forget(known)
        }
        sockets[socket] = try? loop.watch(socket, for: interest, SocketWatcher(socket, of: self))
        return sockets[socket] != nil
    }

    /// libcurl has one timer, which it sets anew each time. It must not be called from here.
    private func wait(_ milliseconds: Int) {
        timer?.cancel()
        timer = nil
        guard milliseconds >= 0 else { return }
        timer = loop.after(nanoseconds: UInt64(milliseconds) * 1_000_000) { [weak self] in self?.act(on: CURL_SOCKET_BAD) }
    }
}

/// Tells libcurl of one of its sockets.
private final class SocketWatcher: Watcher {
    private let socket: curl_socket_t
    private weak var transfers: Transfers?

    init(_ socket: curl_socket_t, of transfers: Transfers) {
        self.socket = socket
        self.transfers = transfers
    }

    func ready(_ readiness: Readiness) { transfers?.act(on: socket) }
}
