import Codec
import Glibc
import HTTP
import Loop

// An echo server for outside Engine.IO conformance suites: what a client says comes back as it came.
//
//     swift run engineio-conformance 3000

guard CommandLine.arguments.count == 2, let port = UInt16(CommandLine.arguments[1]) else {
    print("usage: engineio-conformance PORT")
    exit(2)
}

final class Echo: EngineIO.Receiver {
    let session: EngineIO.Session

    init(_ session: EngineIO.Session) { self.session = session }

    func received(text: [UInt8]) { session.send(text: text) }
    func received(binary: [UInt8]) { session.send(binary: binary) }
    var isFull: Bool { false }
    func ended(_: EngineIO.End) {}
}

var options = EngineIO.Options()
options.pingInterval = .milliseconds(300)
options.pingTimeout = .milliseconds(200)
let echo = EngineIO.Server(options) { Echo($0) }

var routes = Routes { _, _ in }
routes.engineIO("/engine.io", .everyone, "Echoes what it is sent", echo)
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
print("listening on http://\(server.address)/engine.io/")
fflush(nil)  // Whoever reads this through a pipe waits for it.
loops[0].run()
second.join()
