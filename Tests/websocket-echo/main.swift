import Codec
import Glibc
import HTTP
import Loop

// An echo server for outside WebSocket conformance suites: text and binary come back as they came, compression on.
//
//     swift run websocket-echo 9001

guard CommandLine.arguments.count == 2, let port = UInt16(CommandLine.arguments[1]) else {
    print("usage: websocket-echo PORT")
    exit(2)
}

var options = WebSocketSession.Options()
options.maximumMessage = 64 * 1024 * 1024
options.pendingLimit = 256 * 1024 * 1024
options.deflate = .init(serverWindow: 15, clientWindow: 15)

var routes = Routes { _, _ in }
routes.webSocket("/", .everyone, "Echoes what it is sent", options) { _ in
    { session in
        while true {
            switch await session.next() {
            case .message(let message): session.send(message)
            case .poke: continue
            case .end: return
            }
        }
    }
}
let router = Router(routes) { fault, _ in print(fault) }
let signals = try Signals()
let loop = try EventLoop()
let server = try Server(
    ServerOptions(CORS(.none).around(router)), at: SocketAddress(IPAddress(v4: 0x7F00_0001), port: port), on: [loop], routes: router.routes)
let services = Services([server], on: loop)
let task = loop.spawn {
    try? await services.run()
    loop.stop()
}
try signals.listen(on: loop) { _ in task.cancel() }
print("listening on ws://\(server.address)/")
fflush(nil)  // Whoever reads this through a pipe waits for it.
loop.run()
