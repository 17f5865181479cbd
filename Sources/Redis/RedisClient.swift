public import Loop
internal import Synchronization

/// Redis, as one process uses it: commands over one link, what it has subscribed to over another, both on one loop.
///
/// Whoever asks waits for nobody's connection: as long as Redis is not there the answer is nil, at once.
//
// `@unchecked Sendable`: `links` is touched by the loop's thread alone; the rest is safe from every thread by its own type.
public final class RedisClient: Service, @unchecked Sendable {
    public typealias Hear = @Sendable (_ channel: String, _ message: [UInt8]) -> Void
    /// Told on the loop when Redis has come (nil) or gone, and why.
    public typealias Changed = @Sendable (_ fault: String?) -> Void

    public let name = "redis"
    private let loop: EventLoop
    private let alarm: Alarm
    private let up = Atomic<Bool>(false)
    private let changed: Changed
    private var links: [RedisLink] = []

    /// - Parameters:
    ///   - loop: on which the service must run.
    ///   - channels: what to subscribe to; none for a client that only sends.
    ///   - hear: called on the loop with what others have published, our own included.
    public init(
        _ address: RedisAddress, on loop: EventLoop, blocking: BlockingPool, limits: RedisLimits = RedisLimits(), channels: [String] = [],
        hear: @escaping Hear = { _, _ in }, changed: @escaping Changed = { _ in }
    ) {
        self.loop = loop
        self.changed = changed
        alarm = Alarm(on: loop)
        let tell: (RedisLink) -> Void = { [weak self] in self?.look(at: $0) }
        links = [RedisLink(address, on: loop, blocking, limits, changed: tell)]
        guard !channels.isEmpty else { return }
        links.append(RedisLink(address, on: loop, blocking, limits, channels: channels, changed: tell, heard: hear))
    }

    /// Whether all of it is there now.
    public var isUp: Bool { up.load(ordering: .relaxed) }

    /// Connects, and connects again, until it is cancelled.
    public func run() async {
        assert(loop.isCurrent)
        while !Task.isCancelled {
            for link in links { link.tend() }
            await alarm.sleep(nanoseconds: 50_000_000)
        }
        for link in links { link.close() }
    }

    private func look(at link: RedisLink) {
        let isUp = links.allSatisfy(\.isUp)
        guard up.exchange(isUp, ordering: .relaxed) != isUp else { return }
        changed(isUp ? nil : link.fault)
    }

    // MARK: - Asking

    /// Sends commands in one piece, and calls `done` with as many replies, in the order in which Redis has carried them out; with nil
    /// when Redis is not there or was lost meanwhile. From any thread; `done` is called on the loop, or at once when it is nil.
    public func send(_ commands: [RedisCommand], _ done: @escaping @Sendable ([RedisReply]?) -> Void) {
        guard isUp else { return done(nil) }
        if loop.isCurrent { return links[0].send(commands, done) }
        loop.submit { self.links[0].send(commands, done) }
    }

    /// The same, for who waits.
    public func send(_ commands: RedisCommand...) async -> [RedisReply]? {
        await withUnsafeContinuation { continuation in
            send(commands) { continuation.resume(returning: $0) }
        }
    }

    /// Tells all who have subscribed to the channel. It is lost when Redis is not there.
    public func publish(_ message: [UInt8], to channel: String) {
        send([.publish(message, to: channel)]) { _ in }
    }
}
