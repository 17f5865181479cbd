internal import Codec
internal import Loop

/// A stream of server-sent events (the HTML standard's `text/event-stream`), as the task that serves it sees it.
///
/// `send` never waits. A client that does not read what it is sent is let go; it comes back with `Last-Event-ID` and misses nothing.
/// While nothing happens a comment is sent from time to time, so that proxies keep the connection and a dead one is found.
public final class EventStream {
    public struct Options: Sendable {
        public var pendingLimit = 1024 * 1024
        public var heartbeat = Duration.seconds(15)

        public init() {}
    }

    public enum Signal: Sendable {
        /// Somebody called `poke()`.
        case poke
        /// The client has gone, or the server stops.
        case end
    }

    let connection: Connection
    private let options: Options
    private var isOver = false

    init(_ connection: Connection, _ options: Options) {
        self.connection = connection
        self.options = options
        beginSilence()
    }

    /// Waits for a poke, or for the end.
    public func next() async -> Signal {
        while true {
            if isOver || connection.isBroken || connection.isClosing || connection.isTooSlow { return .end }
            if connection.takePoked() { return .poke }
            if connection.isTimedOut {
                write { $0.append(":\n\n") }
                beginSilence()
            }
            discardInput()
            if !isOver { await connection.waitForInput() }
        }
    }

    /// Sends an event. The data may have several lines; id and name may not, and what follows a line break in them is left out.
    public func send(id: String? = nil, event: String? = nil, data: String) {
        var data = data
        send { out in
            Self.append(id: id, event: event, to: &out)
            data.withUTF8 { Self.append(data: UnsafeRawBufferPointer($0), to: &out) }
        }
    }

    /// Sends what `bytes` made.
    public func send(bytes: [UInt8]) {
        send { out in bytes.withUnsafeBytes { out.append($0) } }
    }

    private func send(_ append: (inout ByteWriter) -> Void) {
        guard !isOver else { return }
        guard !connection.isBehind(options.pendingLimit) else {
            isOver = true
            return connection.cut()
        }
        write(append)
        beginSilence()
    }

    /// Waits until the client has read most of what it was sent: for who has much to tell, and can wait with the rest.
    public func roomToSend() async { await connection.waitForTurn(leaving: options.pendingLimit / 4) }

    /// An event as it goes over the wire, for who sends one to many.
    public static func bytes(id: String? = nil, event: String? = nil, data: [UInt8]) -> [UInt8] {
        var out = ByteWriter(capacity: data.count + 128)
        append(id: id, event: event, to: &out)
        data.withUnsafeBytes { append(data: $0, to: &out) }
        return out.array
    }

    private static func append(id: String?, event: String?, to out: inout ByteWriter) {
        if let id { append("id: ", id, to: &out) }
        if let event { append("event: ", event, to: &out) }
    }

    private static func append(_ name: StaticString, _ value: String, to out: inout ByteWriter) {
        out.append(name)
        out.append(String(decoding: value.utf8.prefix { $0 != lineFeed && $0 != carriageReturn && $0 != 0 }, as: UTF8.self))
        out.append("\n")
    }

    /// Appends a field for each line, and the line that ends the event. Only CR, LF and CRLF end a line; what else Unicode calls a line
    /// break is text, and may stand inside a string of JSON.
    private static func append(data bytes: UnsafeRawBufferPointer, to out: inout ByteWriter) {
        var start = 0
        while let end = bytes[start...].firstIndex(where: { $0 == lineFeed || $0 == carriageReturn }) {
            append(line: bytes[start..<end], to: &out)
            let isPair = bytes[end] == carriageReturn && end + 1 < bytes.count && bytes[end + 1] == lineFeed
            start = end + (isPair ? 2 : 1)
        }
        append(line: bytes[start...], to: &out)
        out.append("\n")
    }

    private static func append(line: Slice<UnsafeRawBufferPointer>, to out: inout ByteWriter) {
        out.append("data: ")
        out.append(UnsafeRawBufferPointer(rebasing: line))
        out.append("\n")
    }

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    private func write(_ append: (inout ByteWriter) -> Void) {
        guard !connection.isBroken else { return }
        connection.write(append)
    }

    private func beginSilence() {
        connection.isTimedOut = false
        connection.serving.setDeadline(connection.slot, connection.loop.now &+ options.heartbeat.nanoseconds)
    }

    /// A client has nothing to say on a stream. What it sends all the same is read and forgotten, so that its end is noticed: who ends
    /// its side of a stream has left it.
    private func discardInput() {
        while !isOver {
            switch connection.receive() {
            case .bytes: connection.readStart = connection.readEnd
            case .nothing: return connection.releaseBuffer()
            case .ended: isOver = true
            }
        }
    }

    /// A way to reach the stream from other threads.
    public struct Handle: Sendable {
        let connection: Connection

        /// Makes `next()` answer `.poke`, once for any number of pokes before it is asked.
        public func poke() { connection.poke() }
    }

    public var handle: Handle { Handle(connection: connection) }
}

/// What an event stream's route does once the head is sent.
public typealias EventStreaming = @Sendable (EventStream) async -> Void

extension Routes {
    /// A route that becomes a stream of events. `accept` sees the request first: it refuses by throwing, or gives what serves the stream.
    public mutating func events(
        _ pattern: String, _ access: Access, _ summary: String, _ options: EventStream.Options = .init(), notes: RouteNotes = RouteNotes(),
        _ accept: @escaping @Sendable (Request) async throws -> EventStreaming
    ) {
        raw(.get, pattern, access, summary, gives: .eventStream, notes: notes) { request in
            let serve = try await accept(request)
            // The stream ends with its connection: framing each event as a chunk would tell nobody anything.
            let fields = [Response.Field("cache-control", "no-store")]
            let body = Response.Body.session { connection in await serve(EventStream(connection, options)) }
            return Response(.ok, type: .eventStream, body: body, fields: fields)
        }
    }
}
