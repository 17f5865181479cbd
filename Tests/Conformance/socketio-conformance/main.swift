import Codec
import Glibc
import HTTP
import Loop

// The server that outside Socket.IO conformance suites ask for: it tells a client what it showed when it came in, and gives back what
// it is sent.
//
//     swift run socketio-conformance 3000

guard CommandLine.arguments.count == 2, let port = UInt16(CommandLine.arguments[1]) else {
    print("usage: socketio-conformance PORT")
    exit(2)
}

let serve: @Sendable (SocketIO.Socket, SocketIO.Value) async -> Void = { socket, auth in
    socket.emit("auth", auth)
    while true {
        switch await socket.next() {
        case .event(let event) where event.name == "message": socket.emit("message-back", with: event.arguments)
        case .event(let event) where event.name == "message-with-ack": event.acknowledge(with: event.arguments)
        // For our own tests: what a suite does not ask for.
        case .event(let event) where event.name == "ask": await socket.askBack(event.arguments)
        case .event(let event) where event.name == "leave": socket.disconnect(closing: event.arguments.first == true)
        case .event(let event) where event.name == "flood": socket.flood(event.arguments)
        case .event, .poke: continue
        case .end: return
        }
    }
}

var options = SocketIO.Options()
options.engine.pingInterval = .milliseconds(300)
options.engine.pingTimeout = .milliseconds(200)
options.connectTimeout = .seconds(1)
let sockets = SocketIO.Server(
    options,
    [
        "/": { entry in { [auth = entry.auth] in await serve($0, auth) } },
        "/custom": { entry in { [auth = entry.auth] in await serve($0, auth) } },
        "/closed": { entry in
            guard entry.auth["token"] == "open sesame" else { throw SocketIO.Denial("Not authorized", data: ["code": 7]) }
            return { [auth = entry.auth] in await serve($0, auth) }
        },
    ])

var routes = Routes { _, _ in }
routes.socketIO("/socket.io", .everyone, "Gives back what it is sent", sockets)
let router = Router(routes) { fault, _ in print(fault) }
let signals = try Signals()
let loops = try (0..<2).map { _ in try EventLoop() }
let server = try Server(
    ServerOptions(CORS(.any).around(router)), at: SocketAddress(IPAddress(v4: 0x7F00_0001), port: port), on: loops, routes: router.routes)
let services = Services([server], on: loops[0])
let task = loops[0].spawn {
    try? await services.run()
    for loop in loops { loop.stop() }
}
try signals.listen(on: loops[0]) { _ in task.cancel() }
let second = loops[1].start(named: "second")
print("listening on http://\(server.address)/socket.io/")
fflush(nil)  // Whoever reads this through a pipe waits for it.
loops[0].run()
second.join()
