import Codec
import HTTP
import Loop
import Testing

@Suite("A session of Engine.IO") struct EngineIOSessionTests {
    /// Notes what it hears, and is as full as the test says.
    final class Ear: EngineIO.Receiver {
        let session: EngineIO.Session
        let heard = Record<String>()
        let ends = Record<EngineIO.End>()
        let full = Flag()

        init(_ session: EngineIO.Session) { self.session = session }

        func received(text: [UInt8]) { heard.note(String(decoding: text, as: UTF8.self)) }
        func received(binary: [UInt8]) { heard.note("\(binary.count) bytes") }
        var isFull: Bool { full.isRaised }
        func ended(_ end: EngineIO.End) { ends.note(end) }
    }

    private func withEngine(
        loops: Int = 1, _ setUp: (inout EngineIO.Options) -> Void = { _ in },
        _ body: (TestServer, EngineIO.Server, Record<Ear>) throws -> Void
    ) throws {
        var options = EngineIO.Options()
        setUp(&options)
        let ears = Record<Ear>()
        let engine = EngineIO.Server(options) { session in
            let ear = Ear(session)
            ears.note(ear)
            return ear
        }
        try withServer(
            loops: loops,
            routes: {
                declareUsual(&$0)
                $0.engineIO("/engine.io", .everyone, "Speaks", engine)
            }
        ) { server in
            try body(server, engine, ears)
            engine.closeAll()
        }
    }

    static let polling = "/engine.io/?EIO=4&transport=polling"
    static let webSocket = "/engine.io/?EIO=4&transport=websocket"

    private func sid(_ answer: Answer) throws -> String {
        try #require(answer.status == 200)
        return try #require(JSONValue(parsing: Array(answer.body.dropFirst()))["sid"]?.string)
    }

    private func open(_ server: TestServer) throws -> String { try sid(server.get(Self.polling)) }

    @Test("hears over any loop, and is heard over any loop", arguments: [1, 3]) func loops(count: Int) throws {
        try withEngine(loops: count) { server, _, ears in
            let address = Self.polling + "&sid=\(try open(server))"
            let ear = try #require(ears.events.first)
            for number in 0..<30 {
                #expect(try server.post(address, "4\(number)").text == "ok")
                ear.session.send(text: Array("back \(number)".utf8))
                #expect(try server.get(address).text == "4back \(number)")
            }
            #expect(ear.heard.events == (0..<30).map(String.init))
        }
    }

    @Test("wakes a poll that waits, from any thread", arguments: [1, 2]) func wakes(loops: Int) throws {
        try withEngine(loops: loops) { server, _, ears in
            let client = try server.connect()
            let address = Self.polling + "&sid=\(try open(server))"
            for number in 0..<30 {
                try client.send("GET \(address) HTTP/1.1\r\nHost: a\r\n\r\n")
                if number % 3 == 0 { #expect(client.hearsNothing(milliseconds: 10)) }
                ears.events[0].session.send(text: Array("\(number)".utf8))
                #expect(try client.answer().text == "4\(number)")
            }
        }
    }

    @Test("that was opened elsewhere is unknown, and an id names its node") func node() throws {
        try withEngine({ $0.node = "a1-" }) { server, engine, _ in
            #expect(try open(server).hasPrefix("a1-"))
            let answer = try server.get(Self.polling + "&sid=b2-AAAAAAAAAAAAAAAAAAAAAA")
            #expect(answer.status == 400 && answer.json["code"]?.int == 1)
            #expect(engine.sessions == 1)
        }
    }

    @Test("is refused beyond the bound on all") func bounded() throws {
        try withEngine({ $0.sessions = 2 }) { server, engine, _ in
            let first = try open(server)
            _ = try open(server)
            #expect(try server.get(Self.polling).status == 503)
            #expect(try server.get(Self.webSocket, WebSocketClient.handshake).status == 503)
            #expect(try server.post(Self.polling + "&sid=\(first)", "1").status == 200)
            #expect(engine.sessions == 1)
            _ = try open(server)
        }
    }

    @Test("is refused beyond the bound on one address, and not to another") func boundedByAddress() throws {
        try withEngine({ $0.sessionsPerAddress = 1 }) { server, engine, _ in
            _ = try open(server)
            #expect(try server.get(Self.polling).status == 503)
            let other = try server.connect(from: 0x7F00_0002)
            #expect(try other.get(Self.polling).status == 200)
            #expect(engine.sessions == 2)
        }
    }

    @Test("is opened to those alone who are admitted") func admitted() throws {
        try withEngine({ $0.admits = { $0[.origin] != "https://evil.example" } }) { server, _, _ in
            let answer = try server.get(Self.polling, "Origin: https://evil.example")
            #expect(answer.status == 403 && answer.text == #"{"code":4,"message":"Forbidden"}"#)
            #expect(try server.get(Self.polling, "Origin: https://good.example").status == 200)
        }
    }

    @Test("ends when the client's WebSocket is cut") func cut() throws {
        try withEngine { server, engine, ears in
            let socket = try WebSocketClient(server.connect(), Self.webSocket)
            _ = try socket.next()
            socket.client.reset()
            #expect(eventually { engine.sessions == 0 })
            #expect(ears.events[0].ends.events == [.transportLost])
        }
    }

    @Test("that we close tells its poll, and is unknown then") func closed() throws {
        try withEngine { server, engine, ears in
            let address = Self.polling + "&sid=\(try open(server))"
            ears.events[0].session.send(text: Array("bye".utf8))
            ears.events[0].session.close()
            ears.events[0].session.send(text: Array("too late".utf8))
            #expect(try server.get(address).text == "4bye\u{1E}1")
            #expect(try server.get(address).status == 400)
            #expect(engine.sessions == 0 && ears.events[0].ends.events == [.serverClosed])
        }
    }

    @Test("over a WebSocket that we close gets what was sent before") func closedSocket() throws {
        try withEngine { server, engine, ears in
            let socket = try WebSocketClient(server.connect(), Self.webSocket)
            _ = try socket.next()
            ears.events[0].session.send(text: Array("bye".utf8))
            ears.events[0].session.close()
            #expect(try socket.next() == .text("4bye"))
            #expect(try socket.next() == .close(1000))
            #expect(eventually { engine.sessions == 0 })
            #expect(ears.events[0].ends.events == [.serverClosed])
        }
    }

    @Test("ends when more waits for a client of long polling than may") func slowPolling() throws {
        try withEngine({ $0.sendLimit = 10_000 }) { server, engine, ears in
            let address = Self.polling + "&sid=\(try open(server))"
            let session = ears.events[0].session
            session.send(text: [UInt8](repeating: 65, count: 9000))
            #expect(engine.sessions == 1)
            session.send(text: [UInt8](repeating: 65, count: 9000))
            #expect(engine.sessions == 0 && ears.events[0].ends.events == [.tooSlow])
            #expect(try server.get(address).status == 400)
        }
    }

    @Test("ends when a client does not read its WebSocket, and no other does") func slowSocket() throws {
        try withEngine({ $0.sendLimit = 100_000 }) { server, engine, ears in
            let slow = try WebSocketClient(server.connect(receiveBuffer: 4096), Self.webSocket)
            let other = try WebSocketClient(server.connect(), Self.webSocket)
            _ = try other.next()
            #expect(eventually { ears.events.count == 2 })
            let frames = [EngineIO.Frame.text([52] + [UInt8](repeating: 65, count: 50_000))]
            var rounds = 0
            while ears.events[0].ends.events.isEmpty, rounds < 5000 {
                rounds += 1
                for ear in ears.events { ear.session.send(frames) }
                #expect(try other.next() == .text("4" + String(repeating: "A", count: 50_000)))
            }
            #expect(ears.events[0].ends.events.count == 1)
            #expect(ears.events[1].ends.events.isEmpty)
            #expect(eventually { engine.sessions == 1 })
            slow.client.close()
        }
    }

    @Test("drops what is volatile while nobody polls") func volatileMessages() throws {
        try withEngine { server, _, ears in
            let client = try server.connect()
            let address = Self.polling + "&sid=\(try open(server))"
            let session = ears.events[0].session
            session.send([.text(Array("4nobody".utf8))], isVolatile: true)
            try client.send("GET \(address) HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(client.hearsNothing(milliseconds: 50))
            session.send([.text(Array("4somebody".utf8))], isVolatile: true)
            #expect(try client.answer().text == "4somebody")
        }
    }

    @Test("sends what is volatile behind other things, and lets nobody go for it") func volatileOverSocket() throws {
        try withEngine({ $0.sendLimit = 10_000 }) { server, engine, ears in
            let socket = try WebSocketClient(server.connect(), Self.webSocket)
            _ = try socket.next()
            let session = ears.events[0].session
            session.send(text: Array("first".utf8))
            session.send([.text(Array("4second".utf8))], isVolatile: true)
            session.send([.text([52] + [UInt8](repeating: 65, count: 20_000))], isVolatile: true)
            session.send(text: Array("third".utf8))
            for word in ["first", "second", "third"] { #expect(try socket.next() == .text("4\(word)")) }
            #expect(engine.sessions == 1)
        }
    }

    @Test("is not read on while its receiver is full", arguments: [true, false]) func full(isWebSocket: Bool) throws {
        try withEngine { server, _, ears in
            let client = try server.connect()
            let hear: () throws -> Void
            if isWebSocket {
                let socket = try WebSocketClient(client, Self.webSocket)
                _ = try socket.next()
                ears.events[0].full.raise()
                for number in 0..<3 { try socket.send(.text, Array("4\(number)".utf8)) }
                hear = {}
            } else {
                let address = Self.polling + "&sid=\(try open(server))"
                ears.events[0].full.raise()
                try client.send("POST \(address) HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n40\u{1E}41\u{1E}42")
                hear = {
                    let answer = try client.answer().text
                    #expect(answer == "ok")
                }
            }
            let ear = ears.events[0]
            #expect(client.hearsNothing(milliseconds: 50))
            #expect(ear.heard.events.count <= (isWebSocket ? 1 : 3))
            ear.full.lower()
            ear.session.readOn()
            #expect(eventually { ear.heard.events == ["0", "1", "2"] })
            try hear()
        }
    }

    @Test("does not hold up a stop of the server", arguments: [true, false]) func stop(isWebSocket: Bool) throws {
        try withEngine(loops: 2) { server, engine, ears in
            let client = try server.connect()
            if isWebSocket {
                let socket = try WebSocketClient(client, Self.webSocket)
                _ = try socket.next()
                server.beginStop()
                #expect(try socket.next() == .close(1001))
            } else {
                let address = Self.polling + "&sid=\(try open(server))"
                try client.send("GET \(address) HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(client.hearsNothing(milliseconds: 50))
                server.beginStop()
                let answer = try client.answer()
                #expect(answer.text == "1" && answer.isLast)
            }
            #expect(eventually { engine.sessions == 0 })
            client.close()
            #expect(eventually { server.hasEnded })
        }
    }

    @Test("is not opened by a HEAD, nor by an upgrade that is none") func noOpening() throws {
        try withEngine { server, engine, _ in
            let client = try server.connect()
            #expect(try client.ask("HEAD", Self.polling).status == 400)
            #expect(try client.get(Self.webSocket).text == #"{"code":3,"message":"Bad request"}"#)
            #expect(try client.get(Self.webSocket, "Connection: Upgrade", "Upgrade: websocket").status == 426)
            #expect(engine.sessions == 0)
        }
    }
}

extension TestServer {
    fileprivate func get(_ path: String, _ fields: [String]) throws -> Answer {
        let client = try connect()
        defer { client.close() }
        return try client.ask("GET", path, fields)
    }
}
