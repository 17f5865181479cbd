internal import Glibc
internal import Loop

/// One connection to Redis, on one loop: it connects, says who we are, sends what it is given in order and hands each answer to who
/// asked. Commands of one tick go out together. When it is lost everybody who waits is told, and it comes back by itself.
///
/// What a command did whose answer was lost nobody knows, so nothing is sent twice.
///
/// It belongs to its loop's thread, all of it.
final class RedisLink: Watcher, Flushable {
    typealias Answer = ([RedisReply]?) -> Void

    enum Phase: Equatable {
        /// To be connected at that moment of the monotonic clock.
        case away(until: UInt64)
        /// Its name is being looked up, or the handshake of TCP runs.
        case connecting(since: UInt64)
        /// Redis is told who we are.
        case greeting(since: UInt64)
        case up
        case closed
    }

    /// What somebody waits for: so many replies in a row.
    private struct Question {
        let count: Int
        let sentAt: UInt64
        let answer: Answer
    }

    private let address: RedisAddress
    private let loop: EventLoop
    private let blocking: BlockingPool
    private let limits: RedisLimits
    /// Empty for a link that takes commands; one that subscribes takes none.
    private let channels: [String]
    private let changed: (RedisLink) -> Void
    private let heard: (_ channel: String, _ message: [UInt8]) -> Void

    private(set) var phase: Phase
    /// Why it is away, for the log.
    private(set) var fault = "not connected yet"
    private var backoff = Backoff(longest: 1_000_000_000)
    private var attempt = 0
    private var descriptor: Int32 = -1
    private var registration: Registration?
    private var reader = ReplyReader()
    private var output: [UInt8] = []
    private var sent = 0
    private var willFlush = false
    private var questions: ArraySlice<Question> = []
    private var replies: [RedisReply] = []
    private var lastSign: UInt64 = 0
    private var pingedAt: UInt64?

    init(
        _ address: RedisAddress, on loop: EventLoop, _ blocking: BlockingPool, _ limits: RedisLimits, channels: [String] = [],
        changed: @escaping (RedisLink) -> Void, heard: @escaping (String, [UInt8]) -> Void = { _, _ in }
    ) {
        self.address = address
        self.loop = loop
        self.blocking = blocking
        self.limits = limits
        self.channels = channels
        self.changed = changed
        self.heard = heard
        phase = .away(until: 0)
    }

    var isUp: Bool { phase == .up }

    // MARK: - Its life

    /// To be called a few times a second: begins what is due, and gives up what takes too long.
    func tend() {
        let now = MonotonicClock.now
        switch phase {
        case .away(let moment): if now >= moment { connect(now) }
        case .connecting(let since), .greeting(let since):
            if now &- since > limits.connectTime { lose("it did not answer in time") }
        case .up: watchOver(now)
        case .closed: break
        }
    }

    /// A server that hangs, or that a network has swallowed, says nothing and closes nothing.
    private func watchOver(_ now: UInt64) {
        if let question = questions.first, now &- question.sentAt > limits.answerTime { return lose("it did not answer in time") }
        if let pingedAt, lastSign < pingedAt, now &- pingedAt > limits.answerTime { return lose("it did not answer in time") }
        guard now &- max(lastSign, pingedAt ?? 0) > limits.quietTime else { return }
        pingedAt = now
        if channels.isEmpty { ask([RedisCommand("PING")]) { _ in } } else { append(RedisCommand("PING")) }
    }

    func close() {
        guard phase != .closed else { return }
        phase = .closed
        disconnect()
        changed(self)
    }

    private func connect(_ now: UInt64) {
        phase = .connecting(since: now)
        attempt += 1
        let attempt = attempt
        let (loop, handle) = (loop, Handle(link: self))
        PeerSocket.find(address.host, address.port, on: blocking) { places in
            loop.submit { handle.link?.connect(to: places, attempt) }
        }
    }

    /// The addresses of a name take turns, one an attempt.
    private func connect(to places: [PeerSocket.Place], _ attempt: Int) {
        guard attempt == self.attempt, case .connecting = phase else { return }
        guard !places.isEmpty else { return lose("its name has no address now") }
        guard let descriptor = PeerSocket.connect(to: places[attempt % places.count]) else { return lose("it cannot be reached") }
        self.descriptor = descriptor
        do {
            registration = try loop.watch(descriptor, for: [.reading, .writing, .onChange], self)
        } catch {
            lose("\(error)")
        }
    }

    private func greet() {
        phase = .greeting(since: MonotonicClock.now)
        var commands: [RedisCommand] = []
        if let password = address.password {
            commands.append(address.user.map { RedisCommand("AUTH", $0, password) } ?? RedisCommand("AUTH", password))
        }
        if address.database != 0 { commands.append(RedisCommand("SELECT", String(address.database))) }
        if channels.isEmpty {
            commands.append(RedisCommand("PING"))
        } else {
            commands.append(RedisCommand([Array("SUBSCRIBE".utf8)] + channels.map { Array($0.utf8) }))
        }
        // A subscription is answered once for each channel.
        ask(commands, count: commands.count + max(channels.count - 1, 0)) { [weak self] replies in
            guard let self, let replies else { return }
            // Redis' own words, which hold nothing that we said but a command's name.
            for case .error(let words) in replies { return self.lose(words) }
            self.rise()
        }
    }

    private func rise() {
        phase = .up
        backoff.reset()
        pingedAt = nil
        changed(self)
    }

    private func lose(_ fault: String) {
        self.fault = fault
        let wasUp = isUp
        var chance = SystemRandomNumberGenerator()
        phase = .away(until: MonotonicClock.now &+ backoff.next(using: &chance))
        disconnect()
        if wasUp { changed(self) }
    }

    private func disconnect() {
        if let registration { loop.unwatch(registration) }
        registration = nil
        if descriptor >= 0 { Socket.close(descriptor) }
        descriptor = -1
        reader = ReplyReader()
        output = []
        sent = 0
        replies = []
        let lost = questions
        questions = []
        for question in lost { question.answer(nil) }
    }

    // MARK: - Sending

    /// Sends commands in one piece and calls `answer` with as many replies; with nil when the link is not there, is lost before, or has
    /// too much on it already.
    func send(_ commands: [RedisCommand], _ answer: @escaping Answer) {
        guard isUp, questions.count < limits.mostQuestions, output.count - sent < limits.mostBytes else { return answer(nil) }
        ask(commands, answer)
    }

    private func ask(_ commands: [RedisCommand], count: Int? = nil, _ answer: @escaping Answer) {
        questions.append(Question(count: count ?? commands.count, sentAt: MonotonicClock.now, answer: answer))
        for command in commands { append(command) }
    }

    private func append(_ command: RedisCommand) {
        output.append(contentsOf: command.bytes)
        guard !willFlush else { return }
        willFlush = true
        loop.flushAtEndOfTick(self)
    }

    func flush() {
        willFlush = false
        guard descriptor >= 0 else { return }
        while sent < output.count {
            let count = output.withUnsafeBytes { Socket.send(descriptor, UnsafeRawBufferPointer(rebasing: $0[sent...])) }
            if count == -Int(EAGAIN) { return }
            if count == -Int(EINTR) { continue }
            guard count > 0 else { return lose("the connection was lost") }
            sent += count
        }
        output.removeAll(keepingCapacity: output.capacity <= 64 * 1024)
        sent = 0
    }

    // MARK: - Receiving

    func ready(_ readiness: Readiness) {
        if case .connecting = phase {
            guard PeerSocket.hasConnected(descriptor) else { return lose("it cannot be reached") }
            guard readiness.contains(.writing) else { return }
            greet()
        }
        // What Redis says before it hangs up may be why.
        receive()
        if readiness.contains(.writing) { flush() }
    }

    private func receive() {
        while descriptor >= 0 {
            let (count, isBroken) = withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 1) { room in
                let count = Socket.receive(descriptor, into: room)
                guard count > 0 else { return (count, false) }
                return (count, (try? reader.feed(UnsafeRawBufferPointer(rebasing: room[..<count]))) == nil)
            }
            if count == -Int(EAGAIN) { return }
            if count == -Int(EINTR) { continue }
            guard count > 0, !isBroken, takeReplies() else { return lose("the connection was lost") }
        }
    }

    /// Whether what came is Redis' protocol.
    private func takeReplies() -> Bool {
        lastSign = MonotonicClock.now
        let opened = attempt
        while descriptor >= 0, attempt == opened {
            do throws(ReplyReader.Broken) {
                guard let reply = try reader.next() else { return true }
                take(reply)
            } catch {
                return false
            }
        }
        return true
    }

    private func take(_ reply: RedisReply) {
        // A link that subscribes is told things unasked, perhaps of one channel before it has the next, and its pings' echoes.
        if !channels.isEmpty, hear(reply) || isUp { return }
        guard let question = questions.first else { return lose("it said what nobody asked") }
        replies.append(reply)
        guard replies.count == question.count else { return }
        let whole = replies
        replies = []
        questions.removeFirst()
        question.answer(whole)
    }

    /// Whether it was something that somebody has published.
    private func hear(_ reply: RedisReply) -> Bool {
        guard case .list(let parts) = reply, parts.count == 3, parts[0].text == "message", let channel = parts[1].text,
            case .bytes(let message) = parts[2]
        else { return false }
        heard(channel, message)
        return true
    }
}

/// Lets a look-up on another thread come back to a link without holding it.
//
// `@unchecked Sendable`: only carried by other threads; what it holds is reached on the link's loop alone. Weak references are safe to
// copy and destroy anywhere.
private final class Handle: @unchecked Sendable {
    weak var link: RedisLink?
    init(link: RedisLink) { self.link = link }
}
