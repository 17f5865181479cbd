import Codec
import HTTP
import Loop
import Testing

@Suite("A WebSocket") struct WebSocketSessionTests {
    private func withEcho(
        loops: Int = 1, _ setUp: (inout WebSocketSession.Options) -> Void = { _ in }, _ body: (TestServer) throws -> Void
    ) throws {
        var options = WebSocketSession.Options()
        setUp(&options)
        try withServer(
            loops: loops,
            routes: { routes in
                declareUsual(&routes)
                routes.webSocket("/echo", .everyone, "Echoes", options) { _ in echo }
                routes.webSocket("/closed", .everyone, "Refuses", options) { _ in throw Refusal.forbidden() }
            }, body)
    }

    // MARK: - The handshake

    @Test("begins with the handshake that the standard gives as its example") func handshake() throws {
        try withEcho { server in
            let socket = try WebSocketClient(try server.connect(), "/echo")
            #expect(socket.answer.line == "HTTP/1.1 101 Switching Protocols")
            #expect(socket.answer["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            #expect(socket.answer["upgrade"] == "websocket" && socket.answer["connection"] == "Upgrade")
            #expect(socket.answer["sec-websocket-extensions"] == nil && socket.answer["sec-websocket-protocol"] == nil)
            #expect(socket.answer["content-length"] == nil && socket.answer["transfer-encoding"] == nil)
        }
    }

    @Test("begins with frames that came together with the handshake") func earlyFrames() throws {
        try withEcho { server in
            let client = try server.connect()
            let head = "GET /echo HTTP/1.1\r\nHost: a\r\n" + WebSocketClient.handshake.map { $0 + "\r\n" }.joined() + "\r\n"
            try client.send(Array(head.utf8) + WebSocketClient.frame(.text, Array("early".utf8)))
            #expect(try client.answer().status == 101)
            #expect(try client.receive(count: 7) == [0x81, 5] + Array("early".utf8))
        }
    }

    @Test("does not begin without a good handshake") func badHandshake() throws {
        try withEcho { server in
            let good = WebSocketClient.handshake
            let other = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA"
            for (fields, status) in [
                ([], 426), (["Connection: Upgrade"], 426), ([good[0], "Upgrade: h2c", good[2], good[3]], 426), (Array(good[1...]), 426),
                ([good[0], good[1], "Sec-WebSocket-Version: 8", good[3]], 426), ([good[0], good[1], good[3]], 426),
                (Array(good[..<3]), 400), (good[..<3] + ["Sec-WebSocket-Key: short"], 400), (good[..<3] + [other], 400),
                (good + ["Content-Length: 5"], 400), (good + ["Transfer-Encoding: chunked"], 400),
            ] {
                let client = try server.connect()
                let answer = try client.ask("GET", "/echo", fields)
                #expect(answer.status == status, "\(fields)")
                if status == 426 { #expect(answer["upgrade"] == "websocket" && answer["sec-websocket-version"] == "13") }
            }
            #expect(try server.connect().ask("HEAD", "/echo", good).status == 426)
            #expect(try server.connect().ask("POST", "/echo", good).status == 405)
        }
    }

    @Test("is refused by its route before anything is upgraded, and the connection goes on") func refused() throws {
        try withEcho { server in
            let client = try server.connect()
            #expect(try client.ask("GET", "/closed", WebSocketClient.handshake).status == 403)
            #expect(try client.get("/at-once/1").status == 200)
        }
    }

    @Test("speaks a protocol that both know") func subprotocol() throws {
        try withEcho({ $0.subprotocols = ["two", "three"] }) { server in
            let socket = try WebSocketClient(try server.connect(), "/echo", "Sec-WebSocket-Protocol: one, two")
            #expect(socket.answer["sec-websocket-protocol"] == "two")
            let other = try WebSocketClient(try server.connect(), "/echo", "Sec-WebSocket-Protocol: one")
            #expect(other.answer["sec-websocket-protocol"] == nil)
        }
    }

    // MARK: - Messages

    @Test("carries messages of every size there and back", arguments: [1, 2]) func messages(loops: Int) throws {
        try withEcho(loops: loops) { server in
            let socket = try WebSocketClient(try server.connect(), "/echo")
            for size in [0, 1, 125, 126, 65_535, 65_536, 300_000] {
                let text = String(repeating: "é", count: size / 2)
                try socket.send(.text, Array(text.utf8))
                #expect(try socket.next() == .text(text))
                try socket.send(.binary, noise(size))
                #expect(try socket.next() == .binary(noise(size)))
            }
        }
    }

    @Test("takes a message in pieces, with a ping between them") func fragments() throws {
        try withEcho { server in
            let socket = try WebSocketClient(try server.connect(), "/echo")
            try socket.send(.text, Array("one ".utf8), isFinal: false)
            try socket.send(.ping, [1, 2, 3])
            try socket.send(.continuation, Array("two ".utf8), isFinal: false)
            try socket.send(.continuation, Array("three".utf8))
            #expect(try socket.next() == .pong([1, 2, 3]))
            #expect(try socket.next() == .text("one two three"))
        }
    }

    @Test("takes frames byte by byte") func byteByByte() throws {
        try withEcho { server in
            let socket = try WebSocketClient(try server.connect(), "/echo")
            for byte in WebSocketClient.frame(.text, Array("drops".utf8)) + WebSocketClient.frame(.ping, []) {
                try socket.client.send([byte])
            }
            #expect(try socket.next() == .text("drops"))
            #expect(try socket.next() == .pong([]))
        }
    }

    @Test("passes over a pong that nobody asked for") func strayPong() throws {
        try withEcho { server in
            let socket = try WebSocketClient(try server.connect(), "/echo")
            try socket.send(.pong, [9])
            try socket.send(.text, [65])
            #expect(try socket.next() == .text("A"))
        }
    }

    @Test("compresses when that was agreed upon") func deflate() throws {
        try withEcho({ $0.deflate = .init() }) { server in
            let plain = try WebSocketClient(try server.connect(), "/echo")
            #expect(plain.answer["sec-websocket-extensions"] == nil)
            let socket = try WebSocketClient(
                try server.connect(), "/echo", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")
            let agreed = try #require(socket.answer["sec-websocket-extensions"])
            #expect(agreed.hasPrefix("permessage-deflate"))
            var deflater = Deflater(window: 9, keepsContext: false)
            var inflater = Inflater(window: 15, keepsContext: true)
            let text = String(repeating: "over and over ", count: 100)
            for _ in 0..<3 {
                var packed = ByteWriter()
                Array(text.utf8).withUnsafeBytes { deflater.append($0, to: &packed) }
                try socket.send(.text, packed.array, compressed: true)
                guard case .compressed(let answer) = try socket.next() else {
                    Issue.record("not compressed")
                    return
                }
                #expect(answer.count < 100)
                var whole = ByteWriter()
                try answer.withUnsafeBytes { try inflater.append($0, to: &whole, atMost: 10_000) }
                #expect(whole.text == text)
            }
            try socket.send(.text, [65])
            #expect(try socket.next() == .text("A"))
        }
    }

    @Test("does not drop a client that sends much at once and then reads all of it") func busyClient() throws {
        try withEcho({ $0.pendingLimit = 32 * 1024 }) { server in
            // Less than the sockets hold, so that it is never the client who keeps the server waiting.
            let count = 150
            let socket = try WebSocketClient(try server.connect(receiveBuffer: 1 << 20), "/echo")
            let frame = WebSocketClient.frame(.text, [UInt8](repeating: 65, count: 1000))
            let block = (0..<count).flatMap { _ in frame }
            let text = String(repeating: "A", count: 1000)
            for _ in 0..<20 {
                try socket.client.send(block)
                for _ in 0..<count { try #require(try socket.next() == .text(text)) }
            }
        }
    }

    @Test("leaves others their turn while a client sends without end") func fairness() throws {
        let isDone = Flag()
        try withServer(routes: { routes in
            declareUsual(&routes)
            routes.webSocket("/drain", .everyone, "Takes everything, says nothing") { _ in
                { session in while case .message = await session.next() {} }
            }
        }) { server in
            // That thread sends and this one does not touch the client meanwhile.
            nonisolated(unsafe) let client = try WebSocketClient(try server.connect(), "/drain").client
            let sending = Thread(named: "sending") {
                let frame = WebSocketClient.frame(.text, [UInt8](repeating: 65, count: 100))
                let block = (0..<1000).flatMap { _ in frame }
                while !isDone.isRaised { try? client.send(block) }
            }
            for _ in 0..<20 { #expect(try server.get("/later/1").status == 200) }
            isDone.raise()
            sending.join()
        }
    }

    // MARK: - The end

    @Test("answers a close with the same code", arguments: [1000, 1001, 3001, 4999] as [UInt16]) func close(code: UInt16) throws {
        try withEcho { server in
            let socket = try WebSocketClient(try server.connect(), "/echo")
            try socket.close(CloseCode(rawValue: code))
            #expect(try socket.next() == .close(code))
            #expect(try socket.isEnded())
        }
    }

    @Test("answers a close without a code") func closeWithoutCode() throws {
        try withEcho { server in
            let socket = try WebSocketClient(try server.connect(), "/echo")
            try socket.close(nil)
            guard case .close = try socket.next() else {
                Issue.record("no close")
                return
            }
            #expect(try socket.isEnded())
        }
    }

    @Test("answers what came before a close, and nothing after it") func afterClose() throws {
        try withEcho { server in
            let socket = try WebSocketClient(try server.connect(), "/echo")
            try socket.client.send(
                WebSocketClient.frame(.text, [65]) + WebSocketClient.frame(.close, [3, 0xE8]) + WebSocketClient.frame(.text, [66]))
            #expect(try socket.next() == .text("A"))
            #expect(try socket.next() == .close(1000))
            #expect(try socket.isEnded())
        }
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: UInt16
        let bytes: [UInt8]
    }

    @Test(
        "ends with the code that fits when the client breaks the rules",
        arguments: [
            Fault(testDescription: "a frame without a mask", code: 1002, bytes: [0x81, 1, 65]),
            Fault(testDescription: "an opcode that does not exist", code: 1002, bytes: [0x83, 0x80, 0, 0, 0, 0]),
            Fault(testDescription: "a continuation of nothing", code: 1002, bytes: WebSocketClient.frame(.continuation, [65])),
            Fault(
                testDescription: "compression that was not agreed upon", code: 1002,
                bytes: WebSocketClient.frame(.text, [65], compressed: true)),
            Fault(testDescription: "text that is not UTF-8", code: 1007, bytes: WebSocketClient.frame(.text, [0xFF])),
            Fault(testDescription: "a message that is too large", code: 1009, bytes: WebSocketClient.frame(.binary, noise(2000))),
            Fault(
                testDescription: "a message that is too large, in pieces", code: 1009,
                bytes: WebSocketClient.frame(.binary, noise(900), isFinal: false) + WebSocketClient.frame(.continuation, noise(900))),
        ])
    func faults(fault: Fault) throws {
        try withEcho({ $0.maximumMessage = 1000 }) { server in
            let socket = try WebSocketClient(try server.connect(), "/echo")
            try socket.client.send(fault.bytes)
            #expect(try socket.next() == .close(fault.code))
            #expect(try socket.isEnded())
        }
    }

    @Test("takes no more than is allowed of a message that inflates without end") func bomb() throws {
        try withEcho({
            $0.maximumMessage = 100_000
            $0.deflate = .init()
        }) { server in
            let socket = try WebSocketClient(try server.connect(), "/echo", "Sec-WebSocket-Extensions: permessage-deflate")
            var deflater = Deflater(window: 9, keepsContext: false)
            var packed = ByteWriter()
            [UInt8](repeating: 0, count: 5_000_000).withUnsafeBytes { deflater.append($0, to: &packed) }
            #expect(packed.count < 100_000)
            try socket.send(.binary, packed.array, compressed: true)
            #expect(try socket.next() == .close(1009))
        }
    }

    @Test("ends when the client goes, in whatever way") func gone() throws {
        let ends = Locked(0)
        try withServer(routes: { routes in
            routes.webSocket("/echo", .everyone, "Echoes") { _ in
                { session in
                    await echo(session)
                    ends.withLock { $0 += 1 }
                }
            }
        }) { server in
            let ways: [(Client) -> Void] = [{ $0.close() }, { $0.reset() }, { $0.endSending() }]
            for (number, leave) in ways.enumerated() {
                let socket = try WebSocketClient(try server.connect(), "/echo")
                leave(socket.client)
                #expect(eventually { ends.withLock { $0 } == number + 1 })
            }
            #expect(eventually { server.server.meters.connections == 0 })
        }
    }

    @Test("is told that the server stops") func stop() throws {
        try withEcho(loops: 2) { server in
            let sockets = try (0..<4).map { _ in try WebSocketClient(try server.connect(), "/echo") }
            server.beginStop()
            for socket in sockets {
                #expect(try socket.next() == .close(1001))
                #expect(try socket.isEnded())
            }
            #expect(eventually { server.hasEnded })
        }
    }

    // MARK: - Pokes, silence, slow readers

    @Test("is poked from another thread, also when it is over") func poke() throws {
        let handles = Locked<[WebSocketSession.Handle]>([])
        try withServer(
            loops: 2,
            routes: { routes in
                routes.webSocket("/echo", .everyone, "Echoes") { _ in
                    { session in
                        handles.withLock { $0.append(session.handle) }
                        await echo(session)
                    }
                }
            }
        ) { server in
            let sockets = try (0..<4).map { _ in try WebSocketClient(try server.connect(), "/echo") }
            #expect(eventually { handles.withLock { $0.count } == 4 })
            for _ in 0..<3 {
                for handle in handles.withLock({ $0 }) { handle.poke() }
                for socket in sockets { #expect(try socket.next() == .text("poked")) }
            }
            for socket in sockets { try socket.close(.normal) }
            for _ in 0..<50 { for handle in handles.withLock({ $0 }) { handle.poke() } }
            #expect(eventually { server.server.meters.connections == 0 })
            for handle in handles.withLock({ $0 }) { handle.poke() }
            handles.withLock { $0 = [] }
        }
    }

    @Test("does apart what goes deep, on its own loop and in its turn, and takes that along when it is cut") func apart() throws {
        let isOver = Flag()
        try withServer(
            routes: { routes in
                routes.webSocket("/apart", .everyone, "Echoes apart") { _ in
                    { session in
                        let told = Locked<[String]>([])
                        while case .message(let message) = await session.next() {
                            await session.apart { told.withLock { $0.append(message.text) } }
                            for text in told.withLock({ $0 }) { session.send(text: text) }
                            guard message.text == "wait" else { continue }
                            await session.apart {
                                while !Task.isCancelled { await Task.yield() }
                                isOver.raise()
                            }
                        }
                    }
                }
            }
        ) { server in
            let socket = try WebSocketClient(try server.connect(), "/apart")
            try socket.send(.text, Array("one".utf8))
            #expect(try socket.next() == .text("one"))
            try socket.send(.text, Array("wait".utf8))
            #expect(try socket.next() == .text("one") && socket.next() == .text("wait"))
            socket.client.reset()
            #expect(eventually { isOver.isRaised })
            #expect(eventually { server.server.meters.connections == 0 })
        }
    }

    @Test("drops a client that does not read, which cost little memory meanwhile") func slowReader() throws {
        let sent = Locked(0)
        let isOver = Flag()
        var options = WebSocketSession.Options()
        options.pendingLimit = 256 * 1024
        try withServer(
            options: { $0.limits.rateGrace = .milliseconds(300) },
            routes: { [options] routes in
                routes.webSocket("/flood", .everyone, "Sends without end", options) { _ in
                    { session in
                        let handle = session.handle
                        let text = String(repeating: "a", count: 32_768)
                        handle.poke()
                        while case .poke = await session.next() {
                            session.send(text: text)
                            sent.withLock { $0 += 1 }
                            // Through the loop, as pokes of other threads come, so that it can send meanwhile.
                            await Task.yield()
                            handle.poke()
                        }
                        isOver.raise()
                    }
                }
            }
        ) { server in
            let socket = try WebSocketClient(try server.connect(receiveBuffer: 16_384), "/flood")
            #expect(eventually { isOver.isRaised })
            #expect(sent.withLock { $0 } * 32_768 < 16 << 20)
            #expect(eventually { server.server.meters.connections == 0 })
            withExtendedLifetime(socket) {}
        }
    }

    @Test("asks a silent client whether it is there, and lets one go that does not answer") func silence() throws {
        try withEcho({ $0.pingInterval = .milliseconds(200) }) { server in
            let socket = try WebSocketClient(try server.connect(), "/echo")
            #expect(try socket.next() == .ping([]))
            #expect(throws: Trouble.self) { try socket.next() }
            #expect(eventually { server.server.meters.connections == 0 })
        }
    }

    @Test("keeps a silent client that answers") func answeredPings() throws {
        try withEcho({ $0.pingInterval = .milliseconds(300) }) { server in
            let socket = try WebSocketClient(try server.connect(), "/echo")
            for _ in 0..<3 {
                #expect(try socket.next() == .ping([]))
                try socket.send(.pong, [])
            }
            try socket.send(.text, [65])
            #expect(try socket.next() == .text("A"))
        }
    }
}
