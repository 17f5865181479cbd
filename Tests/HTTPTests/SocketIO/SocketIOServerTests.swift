import Codec
import HTTP
import Loop
import Testing

@Suite("A socket of Socket.IO") struct SocketIOServerTests {
    private func withSockets(
        _ setUp: (inout SocketIO.Options) -> Void = { _ in }, _ namespaces: [String: SocketIO.Accept],
        _ body: (TestServer, SocketIO.Server) throws -> Void
    ) throws {
        var options = SocketIO.Options()
        setUp(&options)
        let sockets = SocketIO.Server(options, namespaces)
        try withServer(
            loops: 2,
            routes: {
                declareUsual(&$0)
                $0.socketIO("/socket.io", .everyone, "Speaks", sockets)
            }
        ) { server in
            try body(server, sockets)
            sockets.closeAll()
        }
    }

    private func withSockets(namespaces: [String: SocketIO.Accept], _ body: (TestServer) throws -> Void) throws {
        try withSockets({ _ in }, namespaces) { server, _ in try body(server) }
    }

    private func open(_ server: TestServer, query: String = "") throws -> WebSocketClient {
        let client = try server.connect()
        let socket = try WebSocketClient(client, "/socket.io/?EIO=4&transport=websocket" + query)
        _ = try socket.next()
        return socket
    }

    private func say(_ text: String, _ socket: WebSocketClient) throws { try socket.send(.text, Array(text.utf8)) }

    /// Comes into the main namespace.
    private func enter(_ socket: WebSocketClient, _ auth: String = "") throws {
        try say("40\(auth)", socket)
        guard case .text(let text) = try socket.next() else { throw Trouble.malformed("no text") }
        #expect(text.hasPrefix(#"40{"sid":""#))
    }

    @Test("knows how its session was opened") func opening() throws {
        let seen = Record<String>()
        let accept: SocketIO.Accept = { entry in
            seen.note("\(entry.opening["token"] ?? "-") \(entry.auth["token"]?.string ?? "-") \(entry.opening.address)")
            return { _ in }
        }
        try withSockets(namespaces: ["/": accept]) { server in
            try enter(open(server, query: "&token=secret"), #"{"token":"other"}"#)
            #expect(eventually { seen.events == ["secret other 127.0.0.1"] })
        }
    }

    @Test("is refused with what the application throws") func denied() throws {
        struct Odd: Error {}
        let reported = Record<String>()
        let namespaces: [String: SocketIO.Accept] = [
            "/denied": { _ in throw SocketIO.Denial("Not you", data: ["why": 1]) },
            "/refused": { _ in throw Refusal.forbidden("Not here") },
            "/odd": { _ in throw Odd() },
        ]
        try withSockets({ $0.report = { reported.note("\($0)") } }, namespaces) { server, _ in
            let socket = try open(server)
            try say("40/denied,", socket)
            #expect(try socket.next() == .text(#"44/denied,{"message":"Not you","data":{"why":1}}"#))
            try say("40/refused,", socket)
            #expect(try socket.next() == .text(#"44/refused,{"message":"Not here","data":{"error":"FORBIDDEN"}}"#))
            try say("40/odd,", socket)
            #expect(try socket.next() == .text(#"44/odd,{"message":"Something went wrong on our side"}"#))
            #expect(reported.events == ["Odd()"])
        }
    }

    @Test("ends when what serves it returns") func returns() throws {
        try withSockets(namespaces: ["/": { _ in { $0.emit("bye") } }]) { server in
            let socket = try open(server)
            try enter(socket)
            #expect(try socket.next() == .text(#"42["bye"]"#))
            #expect(try socket.next() == .text("41"))
        }
    }

    @Test("looks up when it is poked, and hears what many are told") func poked() throws {
        let sockets = Record<SocketIO.Socket>()
        let namespaces: [String: SocketIO.Accept] = [
            "/": { _ in
                { socket in
                    sockets.note(socket)
                    while true {
                        switch await socket.next() {
                        case .event: continue
                        case .poke: socket.emit("poked")
                        case .end: return
                        }
                    }
                }
            }
        ]
        try withSockets(namespaces: namespaces) { server in
            let clients = try (0..<20).map { _ in try open(server) }
            for client in clients { try enter(client) }
            #expect(eventually { sockets.events.count == 20 })
            let news = SocketIO.Announcement("news", ["all"])
            for socket in sockets.events { socket.emit(news) }
            for client in clients { #expect(try client.next() == .text(#"42["news","all"]"#)) }
            for socket in sockets.events { socket.poke() }
            for client in clients { #expect(try client.next() == .text(#"42["poked"]"#)) }
        }
    }

    @Test("hears what was said before its client left, and then the end") func last() throws {
        let heard = Record<String>()
        let latch = Latch()
        let namespaces: [String: SocketIO.Accept] = [
            "/": { _ in
                { socket in
                    await latch.wait()
                    while case .event(let event) = await socket.next() { heard.note(event.name) }
                    heard.note("the end")
                    socket.emit("nobody hears this")
                    #expect(!socket.isConnected)
                }
            }
        ]
        try withSockets(namespaces: namespaces) { server in
            let socket = try open(server)
            try enter(socket)
            for name in ["a", "b"] { try say("42[\"\(name)\"]", socket) }
            try say("1", socket)
            #expect(try socket.next() == .close(1000))
            latch.happen()
            #expect(eventually { heard.events == ["a", "b", "the end"] })
        }
    }

    @Test("is not sent more than it has room for, and misses nothing") func crowded() throws {
        let heard = Record<Int>()
        let latch = Latch()
        let namespaces: [String: SocketIO.Accept] = [
            "/": { _ in
                { socket in
                    await latch.wait()
                    while case .event(let event) = await socket.next() { heard.note(event.arguments[0].int ?? -1) }
                }
            }
        ]
        try withSockets({ $0.inboxLimit = 2000 }, namespaces) { server, _ in
            let socket = try open(server)
            try enter(socket)
            for number in 0..<500 { try say("42[\"a\",\(number)]", socket) }
            latch.happen()
            #expect(eventually { heard.events.count == 500 })
            #expect(heard.events == Array(0..<500))
        }
    }

    @Test("that asks is told when its client leaves instead") func unanswered() throws {
        let outcome = Record<String>()
        let namespaces: [String: SocketIO.Accept] = [
            "/": { _ in
                { socket in
                    do throws(SocketIO.Socket.NoAnswer) {
                        outcome.note("\(try await socket.ask("well", within: .seconds(60)))")
                    } catch {
                        outcome.note("no answer")
                    }
                }
            }
        ]
        try withSockets(namespaces: namespaces) { server in
            let socket = try open(server)
            try enter(socket)
            #expect(try socket.next() == .text(#"421["well"]"#))
            socket.client.close()
            #expect(eventually { outcome.events == ["no answer"] })
        }
    }
}
