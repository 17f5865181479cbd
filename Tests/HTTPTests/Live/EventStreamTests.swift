import HTTP
import Loop
import Testing

@Suite("A stream of events") struct EventStreamTests {
    private struct Event: Sendable {
        var id: String?
        var event: String?
        var data: String
    }

    /// Sends what the test puts aside, each time it is poked.
    private final class Source: Sendable {
        let events = Locked<[Event]>([])
        let handle = Locked<EventStream.Handle?>(nil)
        let isOver = Flag()

        func declare(_ options: EventStream.Options, _ routes: inout Routes) {
            declareUsual(&routes)
            routes.events("/events", .everyone, "Events", options) { _ in { await self.serve($0) } }
            routes.events("/refused", .everyone, "Refuses", options) { _ in throw Refusal.forbidden() }
        }

        private func serve(_ stream: EventStream) async {
            let ours = stream.handle
            handle.withLock { $0 = ours }
            while case .poke = await stream.next() {
                for event in takeEvents() { stream.send(id: event.id, event: event.event, data: event.data) }
            }
            handle.withLock { $0 = nil }
            isOver.raise()
        }

        private func takeEvents() -> [Event] {
            events.withLock { events in
                defer { events = [] }
                return events
            }
        }

        func send(id: String? = nil, event: String? = nil, _ data: String) {
            events.withLock { $0.append(Event(id: id, event: event, data: data)) }
            handle.withLock { $0 }?.poke()
        }

        func waitForStream() -> Bool { eventually { handle.withLock { $0 } != nil } }
    }

    private func withEvents(_ setUp: (inout EventStream.Options) -> Void = { _ in }, _ body: (TestServer, Source) throws -> Void) throws {
        var options = EventStream.Options()
        setUp(&options)
        let source = Source()
        try withServer(routes: { [options] in source.declare(options, &$0) }) { try body($0, source) }
    }

    private func begin(_ server: TestServer, _ source: Source, version: String = "1.1") throws -> Client {
        let client = try server.connect()
        try client.send("GET /events HTTP/\(version)\r\nHost: a\r\n\r\n")
        #expect(source.waitForStream())
        return client
    }

    @Test("begins with a head that keeps caches and proxies out of the way", arguments: ["1.0", "1.1"]) func head(version: String) throws {
        try withEvents { server, source in
            let client = try begin(server, source, version: version)
            let head = try Answer(head: try client.receive(upTo: "\r\n\r\n"))
            #expect(head.status == 200 && head["content-type"] == "text/event-stream" && head["cache-control"] == "no-store")
            #expect(head["content-length"] == nil && head["transfer-encoding"] == nil && head["connection"] == "close")
        }
    }

    @Test("carries events with id, name and data") func events() throws {
        try withEvents { server, source in
            let client = try begin(server, source)
            _ = try client.receive(upTo: "\r\n\r\n")
            source.send(id: "7", event: "opened", "{}")
            #expect(try client.receive(upTo: "\n\n") == "id: 7\nevent: opened\ndata: {}")
            source.send("plain")
            #expect(try client.receive(upTo: "\n\n") == "data: plain")
        }
    }

    @Test(
        "carries data of several lines, and none that were not there",
        arguments: [
            ("a\nb", "data: a\ndata: b"), ("a\r\nb", "data: a\ndata: b"), ("a\rb", "data: a\ndata: b"),
            ("a\n\nb\n", "data: a\ndata: \ndata: b\ndata: "),
            ("", "data: "), ("{\"a\":\"b\u{2028}c\u{85}d\u{B}e\"}", "data: {\"a\":\"b\u{2028}c\u{85}d\u{B}e\"}"),
            ("a\r\n\r\nb", "data: a\ndata: \ndata: b"),
        ])
    func lines(data: String, wire: String) throws {
        try withEvents { server, source in
            let client = try begin(server, source)
            _ = try client.receive(upTo: "\r\n\r\n")
            source.send(data)
            #expect(try client.receive(upTo: "\n\n") == wire)
        }
    }

    @Test("lets no id or name begin a field of its own") func injection() throws {
        try withEvents { server, source in
            let client = try begin(server, source)
            _ = try client.receive(upTo: "\r\n\r\n")
            source.send(id: "1\ndata: evil", event: "a\rdata: evil", "good")
            #expect(try client.receive(upTo: "\n\n") == "id: 1\nevent: a\ndata: good")
        }
    }

    @Test("sends a comment from time to time while nothing happens") func heartbeat() throws {
        try withEvents({ $0.heartbeat = .milliseconds(200) }) { server, source in
            let client = try begin(server, source)
            _ = try client.receive(upTo: "\r\n\r\n")
            for _ in 0..<2 { #expect(try client.receive(upTo: "\n\n") == ":") }
            source.send("still here")
            #expect(try client.receive(upTo: "data: still here\n\n").allSatisfy { ":\n".contains($0) })
        }
    }

    @Test("forgets what a client says on it, and goes on") func chatter() throws {
        try withEvents { server, source in
            let client = try begin(server, source)
            _ = try client.receive(upTo: "\r\n\r\n")
            try client.send([UInt8](repeating: 65, count: 100_000))
            source.send("on")
            #expect(try client.receive(upTo: "\n\n") == "data: on")
        }
    }

    @Test("ends when the client goes, in whatever way, and others are served on", arguments: [0, 1, 2]) func gone(how: Int) throws {
        try withEvents { server, source in
            let client = try begin(server, source)
            [{ client.close() }, { client.reset() }, { client.endSending() }][how]()
            #expect(eventually { source.isOver.isRaised })
            #expect(try server.get("/at-once/1").status == 200)
            client.close()
            #expect(eventually { server.server.meters.connections == 0 })
        }
    }

    @Test("ends when the server stops") func stop() throws {
        try withEvents { server, source in
            let client = try begin(server, source)
            _ = try client.receive(upTo: "\r\n\r\n")
            server.beginStop()
            #expect(try client.rest() == "")
            #expect(eventually { server.hasEnded })
        }
    }

    @Test("drops a client that does not read, which cost little memory meanwhile") func slowReader() throws {
        let sent = Locked(0)
        let isOver = Flag()
        var options = EventStream.Options()
        options.pendingLimit = 256 * 1024
        try withServer(routes: { [options] routes in
            routes.events("/flood", .everyone, "Sends without end", options) { _ in
                { stream in
                    let handle = stream.handle
                    let text = String(repeating: "a", count: 32_768)
                    handle.poke()
                    while case .poke = await stream.next() {
                        stream.send(data: text)
                        sent.withLock { $0 += 1 }
                        await Task.yield()
                        handle.poke()
                    }
                    isOver.raise()
                }
            }
        }) { server in
            let client = try server.connect(receiveBuffer: 16_384)
            try client.send("GET /flood HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { isOver.isRaised })
            #expect(sent.withLock { $0 } * 32_768 < 16 << 20)
            #expect(eventually { server.server.meters.connections == 0 })
        }
    }

    @Test("does not begin for HEAD, or when its route refuses") func notBegun() throws {
        try withEvents { server, source in
            let client = try server.connect()
            let head = try client.ask("HEAD", "/events")
            #expect(head.status == 200 && head["content-type"] == "text/event-stream")
            #expect(try client.get("/refused").status == 403)
            #expect(source.handle.withLock { $0 } == nil)
        }
    }
}
