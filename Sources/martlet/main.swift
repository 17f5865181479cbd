import API
import Codec
import Glibc
import HTTP
import Loop

func serve() throws {
    let signals = try Signals()
    let count = Int(String(cString: getenv("LOOPS") ?? strdup("1"))) ?? 1
    let port = UInt16(String(cString: getenv("PORT") ?? strdup("3000"))) ?? 3000
    let loops = try (0..<count).map { _ in try EventLoop() }
    var routes = Routes { _, _ in }
    let began = MonotonicClock.now
    HealthRoutes(version: "0.1.0", uptime: { Int((MonotonicClock.now - began) / 1_000_000_000) }, readiness: { [] }, maySeeReasons: { _ in true }).declare(in: &routes)
    let router = Router(routes) { error, _ in print(error) }
    var options = ServerOptions(respond: CORS(.none).around(router))
    options.limits.connectionsPerAddress = 0
    let lane = Lane(named: "log")
    options.accessLog = AccessLog { exchange, out in
        out.append("{\"time\":\"")
        exchange.writeTime(to: &out)
        out.append("\",\"level\":\"info\",\"message\":\"request\",\"request_id\":\"")
        exchange.request.writeID(to: &out)
        out.append("\",\"method\":\"")
        out.append(exchange.request.method.text)
        out.append("\",\"route\":\"")
        out.append(exchange.request.route?.pattern ?? "-")
        out.append("\",\"status\":")
        out.append(decimal: exchange.status.rawValue)
        out.append(",\"us\":")
        out.append(decimal: exchange.microseconds)
        out.append("}\n")
    } submit: { block in
        lane.submit { _ = block.withUnsafeBytes { write(1, $0.baseAddress, $0.count) } }
    }
    let server = try Server(options, at: SocketAddress("127.0.0.1", port: port)!, on: loops, routeCount: router.routes.count)
    let threads = loops.dropFirst().enumerated().map { $1.start(named: "loop-\($0 + 1)") }
    let main = loops[0]
    nonisolated(unsafe) let sig = signals
    main.submit {
        let task = main.spawn {
            do { try await Services([server], on: main).run() } catch { print(error) }
            for loop in loops { loop.stop() }
        }
        try! sig.listen(on: main) { _ in task.cancel() }
    }
    main.run()
    for thread in threads { thread.join() }
}
try serve()
