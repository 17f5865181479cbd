public import Codec
internal import Loop

/// A WebSocket, as the task that serves it sees it: `next()` waits for what comes, `send` never waits.
///
///     while true {
///         switch await session.next() {
///         case .message(let message): session.send(message)
///         case .poke: …      // somebody called `poke()`: look at what was put aside for this session
///         case .end: return
///         }
///     }
///
/// Pings are sent and answered here, and a peer that does not answer them is let go; so is one that does not read what it is sent.
/// It belongs to its connection's loop; only `handle` may leave it.
public final class WebSocketSession {
    public struct Options: Sendable {
        /// The largest message taken, compressed or not.
        public var maximumMessage = 1024 * 1024
        /// What may wait to be sent before the peer counts as one that does not read.
        public var pendingLimit = 1024 * 1024
        /// How long a peer may be silent before it is asked whether it is there; after as long again it is not.
        public var pingInterval = Duration.seconds(25)
        /// Whether messages may be compressed, and at most with what memory; nil for never.
        public var deflate: DeflateAgreement.Limits?
        /// The subprotocols that are spoken, the preferred first.
        public var subprotocols: [String] = []

        public init() {}
    }

    public enum Signal: Sendable {
        case message(WebSocketMessage)
        case poke
        /// The session is over: closed by the peer, by us, by a fault, or cut.
        case end
    }

    let connection: Connection
    private let options: Options
    private let codec: WebSocketCodec
    /// A close frame was sent: nothing may follow it.
    private var isClosed = false
    private var hasHeard = false
    /// How often the peer had more to say since the others on the loop had their turn.
    private var received = 0
    private static let turn = 8
    private var awaitsPong = false
    /// What the latest ping said that is not answered yet.
    private var pong: [UInt8]?
    /// How much may wait for a peer that is still listened to.
    private static let mostUnread = 64 * 1024
    /// The subprotocol that was agreed upon.
    public let subprotocol: String?

    init(_ connection: Connection, _ options: Options, _ agreement: WebSocketAgreement) {
        self.connection = connection
        self.options = options
        subprotocol = agreement.subprotocol
        codec = WebSocketCodec(options, agreement.deflate)
        beginSilence()
    }

    // MARK: - What comes

    /// Takes larger messages from now on, or only smaller ones.
    func takeMessages(upTo maximum: Int) { codec.maximumMessage = maximum }

    public func next() async -> Signal {
        while true {
            if isClosed || connection.isBroken { return .end }
            if connection.isClosing {
                close(.goingAway, "The server is stopping")
                return .end
            }
            if connection.isTooSlow {
                tellTooSlow()
                return .end
            }
            sendPong()
            if let message = nextReceived() {
                connection.serving.meters.begins(route: connection.routeIndex)
                return .message(message)
            }
            if isClosed { return .end }
            if connection.takePoked() { return .poke }
            if mustWaitForRoom {
                // What it is told is watched by the rate floor of a stall, and what it says is not heard meanwhile.
                if connection.isTimedOut { beginSilence() }
                await connection.waitForRoomInSession()
                continue
            }
            switch connection.receive() {
            case .bytes:
                hasHeard = true
                received += 1
                if received >= Self.turn {
                    received = 0
                    await Task.yield()
                }
            case .ended: return .end
            case .nothing:
                received = 0
                connection.releaseBuffer()
                if connection.isTimedOut, !survivesSilence() { return .end }
                await connection.waitForInput()
            }
        }
    }

    /// The next message in what was received. Everything else that is there is dealt with on the way.
    private func nextReceived() -> WebSocketMessage? {
        while connection.readStart < connection.readEnd, !mustWaitForRoom {
            do throws(WebSocketFault) {
                guard let event = try codec.next(from: connection) else { return nil }
                switch event {
                case .message(let message): return message
                case .ping(let bytes):
                    pong = bytes
                    sendPong()
                case .pong: awaitsPong = false
                case .close(let code):
                    close(code ?? .normal, "")
                    return nil
                }
            } catch {
                close(error.code, error.reason)
                return nil
            }
        }
        return nil
    }

    /// Whether nothing more is to be heard from the peer before it has taken what waits for it. Whatever it says may have an answer, and
    /// who does not read answers must not be able to ask for more of them.
    private var mustWaitForRoom: Bool { connection.isBehind(Self.mostUnread) }

    // MARK: - What goes

    /// Answers the latest ping, which is the only one that must be answered (RFC 6455, 5.5.3), once there is room for it.
    private func sendPong() {
        guard let bytes = pong, !mustWaitForRoom else { return }
        pong = nil
        write { out in bytes.withUnsafeBytes { WebSocketWriter.append(.pong, $0, to: &out) } }
    }

    /// Sends a message. When too much waits already, the peer is one that does not read: it is told to try again later, and let go.
    public func send(_ message: WebSocketMessage) {
        message.bytes.withUnsafeBytes { send(message.kind, $0) }
    }

    public func send(text: String) {
        var text = text
        text.withUTF8 { send(.text, UnsafeRawBufferPointer($0)) }
    }

    private func send(_ kind: WebSocketEvent.Kind, _ bytes: UnsafeRawBufferPointer) {
        guard !isClosed else { return }
        guard !connection.isBehind(options.pendingLimit) else { return tellTooSlow() }
        write { codec.append(kind, bytes, to: &$0) }
    }

    /// Waits until the peer has read most of what it was sent: for who has much to tell, and can wait with the rest.
    public func roomToSend() async { await connection.waitForTurn(leaving: options.pendingLimit / 4) }

    private func tellTooSlow() { close(.tryLater, "You do not read what you are sent") }

    /// Ends the session. What was sent before still goes out; what comes is no longer read.
    public func close(_ code: CloseCode = .normal, _ reason: String = "") {
        guard !isClosed else { return }
        write { WebSocketWriter.append(close: code, reason: reason, to: &$0) }
        isClosed = true
        connection.wake()
    }

    private func write(_ append: (inout ByteWriter) -> Void) {
        guard !isClosed, !connection.isBroken else { return }
        connection.write(append)
    }

    // MARK: - Silence

    private func beginSilence() {
        hasHeard = false
        connection.isTimedOut = false
        connection.serving.setDeadline(connection.slot, connection.loop.now &+ options.pingInterval.nanoseconds)
    }

    /// A whole interval is over. Who said nothing in it is asked; who was asked and said nothing is gone.
    private func survivesSilence() -> Bool {
        if hasHeard {
            awaitsPong = false
        } else if awaitsPong {
            connection.cut()
            return false
        } else {
            awaitsPong = true
            write { WebSocketWriter.append(.ping, UnsafeRawBufferPointer(start: nil, count: 0), to: &$0) }
        }
        beginSilence()
        return true
    }

    /// Makes `next()` answer `.poke` after a while, once.
    public func poke(after time: Duration) {
        // Weak: a timer must not keep a connection whose client has gone.
        _ = connection.loop.after(nanoseconds: time.nanoseconds) { [weak connection] in connection?.poke() }
    }

    // MARK: - From elsewhere

    /// A way to reach the session from other threads.
    public struct Handle: Sendable {
        let connection: Connection

        /// Makes `next()` answer `.poke`, once for any number of pokes before it is asked.
        public func poke() { connection.poke() }
    }

    public var handle: Handle { Handle(connection: connection) }
}

/// A message of a WebSocket. The bytes of a text are UTF-8.
public struct WebSocketMessage: Sendable, Equatable {
    public let kind: WebSocketEvent.Kind
    public let bytes: [UInt8]

    public init(_ kind: WebSocketEvent.Kind, _ bytes: [UInt8]) {
        self.kind = kind
        self.bytes = bytes
    }

    public var text: String { String(decoding: bytes, as: UTF8.self) }
}
