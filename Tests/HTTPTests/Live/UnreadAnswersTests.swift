import Codec
import Glibc
import Loop
import Testing

@testable import HTTP

@Suite("A WebSocket's peer that does not read") struct UnreadAnswersTests {
    /// The most that was kept for the peer, as the session saw it after each message or ping.
    private func withEcho(_ held: Locked<Int>, _ body: (TestServer) throws -> Void) throws {
        try withServer(
            routes: { routes in
                routes.webSocket("/echo", .everyone, "Echoes") { _ in
                    { session in
                        while true {
                            let signal = await session.next()
                            held.withLock { $0 = max($0, session.connection.held) }
                            switch signal {
                            case .message(let message): session.send(message)
                            case .poke: continue
                            case .end: return
                            }
                        }
                    }
                }
            }, body)
    }

    private static let flood = 48 << 20

    @Test("is not listened to further, whatever it says", arguments: [Opcode.ping, .text]) func stuck(opcode: Opcode) throws {
        let held = Locked(0)
        try withEcho(held) { server in
            let socket = try WebSocketClient(server.connect(receiveBuffer: 4096), "/echo")
            let frame = WebSocketClient.frame(opcode, [UInt8](repeating: 65, count: 120))
            let flood = [[UInt8]](repeating: frame, count: Self.flood / frame.count).flatMap { $0 }
            // What the two kernels take on trust, and not all of it, as a server would that goes on reading.
            #expect(socket.client.sendUntilStuck(flood, milliseconds: 1500) < Self.flood / 2)
            #expect(held.withLock { $0 } < 256 * 1024)
        }
    }

    @Test("gets the pong of its last ping when it reads again, and is heard") func readsAgain() throws {
        let held = Locked(0)
        try withEcho(held) { server in
            let socket = try WebSocketClient(server.connect(receiveBuffer: 4096), "/echo")
            let count = 60_000
            var frames: [UInt8] = []
            for number in 0..<count { frames += WebSocketClient.frame(.ping, Array("\(number)".utf8) + [UInt8](repeating: 32, count: 100)) }
            frames += WebSocketClient.frame(.text, Array("done".utf8))
            let (descriptor, flood) = (socket.client.descriptor, frames)
            let sender = Thread(named: "sender") {
                var sent = 0
                while sent < flood.count {
                    let count = flood[sent...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                    guard count > 0 else { return }
                    sent += count
                }
            }
            var pongs = 0
            var last = ""
            loop: while true {
                switch try socket.next() {
                case .pong(let bytes):
                    pongs += 1
                    last = String(decoding: bytes.prefix { $0 != 32 }, as: UTF8.self)
                case .text("done"): break loop
                default: Issue.record("something else came")
                }
            }
            sender.join()
            #expect(last == "\(count - 1)" && pongs <= count)
        }
    }

    @Test("is poked all the same") func poked() throws {
        let session = Record<WebSocketSession.Handle>()
        let pokes = Record<Bool>()
        try withServer(routes: { routes in
            routes.webSocket("/talk", .everyone, "Talks") { _ in
                { socket in
                    session.note(socket.handle)
                    socket.send(WebSocketMessage(.binary, [UInt8](repeating: 1, count: 900_000)))
                    while true {
                        switch await socket.next() {
                        case .message: continue
                        case .poke: pokes.note(true)
                        case .end: return
                        }
                    }
                }
            }
        }) { server in
            let socket = try WebSocketClient(server.connect(receiveBuffer: 4096), "/talk")
            #expect(eventually { session.events.count == 1 })
            for number in 1...3 {
                session.events[0].poke()
                #expect(eventually { pokes.events.count == number })
            }
            guard case .binary(let bytes) = try socket.next() else { throw Trouble.malformed("no bytes") }
            #expect(bytes.count == 900_000)
        }
    }
}
