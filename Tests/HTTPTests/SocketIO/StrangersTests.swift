import Codec
import Glibc
import Loop
import Testing

@testable import HTTP

@Suite("A client of Socket.IO whom nobody knows") struct StrangersTests {
    private final class Weak: @unchecked Sendable {
        weak var session: EngineIO.Session?
        init(_ session: EngineIO.Session) { self.session = session }
    }

    /// Recognizes whoever says `name`, and answers every event.
    private func withSockets(
        _ setUp: (inout SocketIO.Options) -> Void = { _ in }, sessions: Record<Weak> = Record(),
        _ body: (TestServer, SocketIO.Server) throws -> Void
    ) throws {
        var options = SocketIO.Options()
        options.engine.strangers = EngineIO.Strangers()
        setUp(&options)
        let sockets = SocketIO.Server(options) { socket in
            sessions.note(Weak(socket.client.session))
            while true {
                switch await socket.next() {
                case .event(let event):
                    if event.name == "name" { socket.recognize() }
                    event.acknowledge("heard")
                case .poke: continue
                case .end: return
                }
            }
        }
        try withServer(
            routes: {
                declareUsual(&$0)
                $0.socketIO("/socket.io", .everyone, "Speaks", sockets)
            }
        ) { server in
            try body(server, sockets)
            sockets.closeAll()
        }
    }

    static let polling = "/socket.io/?EIO=4&transport=polling"

    private func open(_ server: TestServer) throws -> WebSocketClient {
        let socket = try WebSocketClient(server.connect(), "/socket.io/?EIO=4&transport=websocket")
        _ = try socket.next()
        return socket
    }

    private func say(_ text: String, _ socket: WebSocketClient) throws { try socket.send(.text, Array(text.utf8)) }

    private func openPolling(_ server: TestServer) throws -> String {
        let answer = try server.get(Self.polling)
        try #require(answer.status == 200)
        return Self.polling + "&sid=" + (try #require(JSONValue(parsing: Array(answer.body.dropFirst()))["sid"]?.string))
    }

    /// Comes in and says who it is.
    private func introduce(_ socket: WebSocketClient) throws {
        try say("40", socket)
        _ = try socket.next()
        try say(#"421["name"]"#, socket)
        #expect(try socket.next() == .text(#"431["heard"]"#))
    }

    @Test("may have so many sessions of one address, and those that are known do not count") func perAddress() throws {
        try withSockets({ $0.engine.strangers?.sessionsPerAddress = 2 }) { server, sockets in
            let known = try open(server)
            try introduce(known)
            _ = try open(server)
            _ = try openPolling(server)
            #expect(try server.get(Self.polling).status == 503)
            #expect(try server.connect(from: 0x7F00_0002).get(Self.polling).status == 200)
            #expect(sockets.engine.sessions == 4)
            known.client.close()
            #expect(eventually { sockets.engine.sessions == 3 })
            #expect(try server.get(Self.polling).status == 503)
        }
    }

    @Test("is let go after a while, and one that is known is not", arguments: [true, false]) func time(isKnown: Bool) throws {
        try withSockets({ $0.engine.strangers?.time = .milliseconds(600) }) { server, sockets in
            let socket = try open(server)
            if isKnown { try introduce(socket) } else { try say("40", socket); _ = try socket.next() }
            _ = try openPolling(server)
            #expect(eventually { sockets.engine.sessions == (isKnown ? 1 : 0) })
            if isKnown {
                usleep(800_000)
                try say(#"422["still"]"#, socket)
                #expect(try socket.next() == .text(#"432["heard"]"#))
            } else {
                #expect(try socket.next() == .close(1000))
            }
        }
    }

    @Test("may say little at a time") func payload() throws {
        try withSockets { server, _ in
            let large = #"421["a",""# + String(repeating: "x", count: 20_000) + #""]"#
            let socket = try open(server)
            try say("40", socket)
            _ = try socket.next()
            try say(large, socket)
            #expect(try socket.next() == .close(1009))
            let known = try open(server)
            try introduce(known)
            try say(large, known)
            #expect(try known.next() == .text(#"431["heard"]"#))
            #expect(try server.post(openPolling(server), "4" + large).status == 413)
        }
    }

    @Test("may show little when it comes in, also one that is known") func entry() throws {
        try withSockets({ $0.engine.strangers = nil }) { server, sockets in
            let socket = try open(server)
            try say(#"40{"token":""# + String(repeating: "x", count: 17_000) + #""}"#, socket)
            #expect(try socket.next() == .close(1000))
            let list = try open(server)
            try say(#"40{"a":["# + String(repeating: "[1],", count: 4100) + "[1]]}", list)
            #expect(try list.next() == .close(1000))
            #expect(eventually { sockets.engine.sessions == 0 })
        }
    }

    @Test("gets no more answers than may wait when it never polls") func unpolled() throws {
        try withSockets { server, sockets in
            let address = try openPolling(server)
            let refused = [String](repeating: "40/a", count: 3000).joined(separator: "\u{1E}")
            _ = try server.post(address, refused)
            #expect(sockets.engine.sessions == 0)
            // A few are told.
            let other = try openPolling(server)
            #expect(try server.post(other, [String](repeating: "40/a", count: 100).joined(separator: "\u{1E}")).status == 200)
            #expect(try server.get(other).text.split(separator: "\u{1E}").count == 100)
        }
    }

    @Test("is gone from memory when its session has ended, whatever timers are still to come") func forgotten() throws {
        let sessions = Record<Weak>()
        try withSockets(sessions: sessions) { server, sockets in
            let address = try openPolling(server)
            #expect(try server.post(address, "40").status == 200)
            #expect(eventually { sessions.events.count == 1 })
            #expect(sessions.events[0].session != nil)
            #expect(try server.post(address, "1").status == 200)
            #expect(sockets.engine.sessions == 0)
            #expect(eventually { sessions.events[0].session == nil })
        }
    }

    @Test("is counted when it opens a session and when it posts, and not for what it polls") func counted() throws {
        let count = Locked(0)
        try withSockets({
            $0.engine.count = { _ in
                let sum = count.withLock {
                    $0 += 1; return $0
                }
                if sum > 3 { throw Refusal(.tooManyRequests, "Too often", fields: [.init("retry-after", "7")]) }
            }
        }) { server, sockets in
            let address = try openPolling(server)
            #expect(try server.post(address, "40").status == 200)
            #expect(try server.get(address).status == 200)
            #expect(try server.post(address, "41").status == 200)
            let refused = try server.post(address, "40")
            #expect(refused.status == 429 && refused["retry-after"] == "7")
            #expect(try server.get(Self.polling).status == 429)
            #expect(sockets.engine.sessions == 1)
        }
    }

    @Test("has what it says counted as what it takes in memory") func memory() {
        #expect(SocketIO.Value.list([]).memory >= 32)
        let nested = SocketIO.Value.list([SocketIO.Value](repeating: .list([1]), count: 1000))
        // Four bytes each on the wire.
        #expect(nested.memory > 80_000)
        #expect(SocketIO.Value.text(String(repeating: "x", count: 1000)).memory >= 1000)
        #expect(SocketIO.Value.object([.init("a", 1)]).memory > 64)
    }
}
