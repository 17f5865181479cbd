import Glibc
import Loop
import Testing

@testable import Redis

/// The server that `Scripts/redis.sh` started for the tests.
enum TestServer {
    static let url = getenv("MARTLET_TEST_REDIS").map { String(cString: $0) }
    static let isThere = url != nil
    static let absence: Comment = "MARTLET_TEST_REDIS is not set: Scripts/redis.sh starts a server and prints its URL"
}

/// What a test works with: a client whose service runs, and the loop that the test runs on.
struct Bench: Sendable {
    let client: RedisClient
    let loop: EventLoop
    let changes = Locked<[String?]>([])
    let heard = Locked<[String]>([])

    init(_ url: String, _ loop: EventLoop, _ blocking: BlockingPool, _ limits: RedisLimits, channels: [String]) throws {
        self.loop = loop
        let (changes, heard) = (changes, heard)
        client = RedisClient(
            try RedisAddress(url), on: loop, blocking: blocking, limits: limits, channels: channels,
            hear: { channel, message in heard.withLock { $0.append("\(channel) \(String(decoding: message, as: UTF8.self))") } },
            changed: { fault in changes.withLock { $0.append(fault) } })
    }

    func sleep(milliseconds: UInt64) async {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            loop.submit { [loop] in loop.after(nanoseconds: milliseconds * 1_000_000) { continuation.resume() } }
        }
    }

    /// Waits for what must come; the suite's time limit bounds it.
    func wait(until isSo: @Sendable () -> Bool) async throws {
        while !isSo() {
            try Task.checkCancellation()
            await sleep(milliseconds: 5)
        }
    }

    func up() async throws { try await wait { client.isUp } }
    func down() async throws { try await wait { !client.isUp } }
}

/// Runs `body` on a loop of its own with a client of the test server, or of another.
func withClient(
    _ url: String? = nil, channels: [String] = [], _ limits: RedisLimits = RedisLimits(),
    _ body: @escaping @Sendable (Bench) async throws -> Void
) async throws {
    let url = try #require(url ?? TestServer.url)
    let loop = try EventLoop()
    let thread = loop.start(named: "test-loop")
    let blocking = BlockingPool(threads: 1, bound: 16)
    defer {
        loop.stop()
        thread.join()
        blocking.stop()
    }
    let bench = try Bench(url, loop, blocking, limits, channels: channels)
    let service = loop.spawn { await bench.client.run() }
    let test = Task(executorPreference: loop) { () -> Result<Void, any Error> in
        do { return .success(try await body(bench)) } catch { return .failure(error) }
    }
    // The time limit cancels.
    let result = await withTaskCancellationHandler {
        await test.value
    } onCancel: {
        test.cancel()
    }
    service.cancel()
    await service.value
    try result.get()
}

/// A server that one test has for itself, to stop and to start.
struct OwnServer: Sendable {
    let url: String
    private let folder: String

    init(_ name: String) throws {
        folder = "/tmp/martlet-redis-\(name)-\(getpid())"
        url = try Self.script("start", folder)
    }

    func act(_ verb: String) throws { _ = try Self.script(verb, folder) }
    func remove() { _ = try? Self.script("stop", folder) }

    /// What the script prints. It blocks the thread, which must not be a loop.
    private static func script(_ verb: String, _ folder: String) throws -> String {
        let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
        let stream = try #require(popen("\(root)/Scripts/redis.sh \(verb) \(folder)", "r"))
        var line = [CChar](repeating: 0, count: 512)
        let text = fgets(&line, Int32(line.count), stream).map { String(cString: $0) } ?? ""
        let status = pclose(stream)
        try #require(status == 0, "Scripts/redis.sh \(verb) failed")
        return String(text.prefix { $0 != "\n" })
    }
}
