import API
import Codec
import Helpdesk
import Loop
import Redis

/// What ties the nodes of one desk together: notices from hub to hub, and the counts of limits, over Redis.
///
/// Redis keeps nothing that could be lost. As long as it is away nodes find each other's events by looking, and count for themselves.
final class RedisBus: Sendable {
    let counts: SharedCounts
    private let client: RedisClient
    private let channel: String
    private let settling: Alarm
    private let loop: EventLoop
    private let hub: Hub
    /// Which marks wait to be sent.
    private let waiting = Locked<Set<OtherNodes.Mark>>([])
    private let log: Log

    /// - Parameters:
    ///   - secret: the desk's own, which all its nodes have. Its name in Redis is made of it, so that several desks may share one.
    ///   - loop: on which the services must run.
    init(_ address: RedisAddress, _ hub: Hub, secret: [UInt8], on loop: EventLoop, blocking: BlockingPool, _ log: Log) {
        let name = "martlet:" + Hex.encode(HKDF.derive(8, from: secret, info: Array("martlet nodes".utf8)))
        let settling = Alarm(on: loop)
        let greeting = Greeting(hub, log)
        let client = RedisClient(
            address, on: loop, blocking: blocking, channels: [name], hear: { _, message in hub.hear(message) },
            changed: { fault in greeting.redisChanged(fault) })
        channel = name
        counts = SharedCounts(wake: { settling.ring() }) { additions, done in client.add(additions, under: name, done) }
        (self.client, self.settling, self.loop, self.hub, self.log) = (client, settling, loop, hub, log)
        hub.desk.nodes.reach { [weak self] message, mark in self?.send(message, mark) }
    }

    /// In the order in which they start.
    var services: [any Service] {
        [
            client,
            Repeating("nodes' roll", every: 10_000_000_000, Alarm(on: loop)) { [hub] in hub.callRoll() },
            // The pause bounds how often the server is told of counts that nobody waits for.
            Repeating("shared counts", every: 1_000_000_000, pause: 20_000_000, settling, on: loop) { [counts] in counts.settle() },
        ]
    }

    /// Why nodes do not hear each other at once now; nil when they do.
    @Sendable func fault() async -> String? {
        client.isUp ? nil : "Redis does not answer: nodes hear of each other late and count limits alone"
    }

    /// A message with a mark goes when the loop turns, and those with the same mark that come before that are the same message.
    private func send(_ message: [UInt8], _ mark: OtherNodes.Mark?) {
        guard client.isUp else { return }
        guard let mark else { return client.publish(message, to: channel) }
        guard waiting.withLock({ $0.insert(mark).inserted }) else { return }
        loop.submit { [self] in
            _ = waiting.withLock { $0.remove(mark) }
            client.publish(message, to: channel)
        }
    }
}

/// Tells the log and the other nodes when Redis comes and goes.
private struct Greeting: Sendable {
    private let hub: Hub
    private let log: Log

    init(_ hub: Hub, _ log: Log) {
        self.hub = hub
        self.log = log
    }

    func redisChanged(_ fault: String?) {
        if let fault {
            log.warn("Redis is away: limits are counted on each node, and nodes hear of each other late", ["fault": .text(fault)])
        } else {
            log.info("Redis is there")
            hub.greet()
        }
    }
}

extension RedisClient {
    /// Adds to counts that live as long as they are of use. What is counted is told as a digest: it may be an address, and of any length.
    fileprivate func add(_ additions: [SharedCounts.Addition], under name: String, _ done: @escaping @Sendable ([Int]?) -> Void) {
        guard isUp else { return done(nil) }
        var commands: [RedisCommand] = []
        for addition in additions {
            let key = "\(name):\(addition.minute):\(Hex.encode(SHA256.digest(Array(addition.key.utf8)).prefix(16)))"
            commands.append(RedisCommand("INCRBY", key, String(addition.amount)))
            if addition.isFirst { commands.append(RedisCommand("EXPIRE", key, "120")) }
        }
        let firsts = additions.map(\.isFirst)
        send(commands) { replies in
            guard var rest = replies?[...] else { return done(nil) }
            let sums = firsts.map { isFirst in
                let sum = rest.popFirst()?.integer
                if isFirst { _ = rest.popFirst() }
                return sum
            }
            // An error, as of a server that is full: then each node counts for itself.
            done(sums.contains(nil) ? nil : sums.compactMap { $0 })
        }
    }
}
