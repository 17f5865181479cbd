public import Loop

/// What a client does not do, however friendly the other machine looks.
public struct HTTPClientRules: Sendable {
    /// In which a connection must be made, with looking up the name and the handshake of TLS.
    public var connecting = Duration.seconds(5)
    /// In which all must be over.
    public var whole = Duration.seconds(10)
    /// How long less than a kilobyte a second may move; nil: as long as `whole` lasts. For what may take long as long as it goes on.
    public var stalling: Duration?
    /// How large the body of an answer may be.
    public var largestBody = 1 << 20
    /// Whether an address may be called. Asked after the name was looked up, so that no name can lead us elsewhere than was checked.
    public var admits: @Sendable (IPAddress) -> Bool = { _ in true }
    /// A file of certificates to trust instead of the system's.
    public var authorities: String?

    public init() {}
}

/// Calls other machines over HTTP, and never waits on the loop's thread.
///
/// It lives on one loop; callers may live anywhere, and come back to where they were. No redirect is followed, no proxy asked, nothing
/// unpacked, no cookie kept. Connections are kept for the next call by the same client, and so never go past other rules.
///
/// The first call over TLS reads the system's certificates on the loop, some 20 ms; again a day later.
public final class HTTPClient: Sendable {
    private let loop: EventLoop
    private let rules: HTTPClientRules
    private let transfers: Transfers

    /// Throws when this libcurl is not one that we can work with.
    public init(on loop: EventLoop, _ rules: HTTPClientRules = HTTPClientRules()) throws(ClientFault) {
        self.loop = loop
        self.rules = rules
        transfers = try Transfers(on: loop)
    }

    /// Sends `call` and takes the whole answer. When the caller's task is cancelled, so is the call.
    public func send(_ call: HTTPCall) async throws(ClientFault) -> HTTPAnswer {
        let transfer = try HTTPTransfer(call, rules)
        let outcome = await withTaskCancellationHandler {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<HTTPTransfer.Outcome, Never>) in
                let start = { @Sendable [transfers] in transfers.start(transfer) { continuation.resume(returning: $0) } }
                if loop.isCurrent { start() } else { loop.submit(start) }
            }
        } onCancel: {
            loop.submit { [transfers] in transfers.cancel(transfer) }
        }
        return try outcome.get()
    }

    /// Gets what is at `url`; see `send`.
    public func get(_ url: String, accepting type: String = "*/*") async throws(ClientFault) -> HTTPAnswer {
        try await send(.get(url, accepting: type))
    }
}
