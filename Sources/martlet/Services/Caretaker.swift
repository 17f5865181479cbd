import CLinux
import CProcess
import Glibc
import HTTP
import Loop
import Storage

/// Looks after the process from a thread of its own, which goes on when loops do not: how much memory it has, whether free memory should go
/// back to the system, and whether each loop still turns.
final class Caretaker: Sendable {
    private struct State {
        var lastReturn: UInt64 = 0
        var isReturning = false
    }

    private let memory: MemoryGuard
    private let server: Server
    private let database: any Database
    private let blocking: BlockingPool
    private let log: Log
    private let state = Locked(State())

    /// Milliseconds between two looks: while all is well, while memory may become short, and while somebody has to accept for a loop.
    private static let usual = 250
    private static let attentive = 50
    private static let accepting = 10
    /// What the process may have in RAM beyond what malloc has given out: code, stacks, and what malloc keeps at hand.
    private static let slack = 48 << 20
    /// Nanoseconds between two times that memory is given back: while all is well, and while it is short.
    private static let pause: UInt64 = 15_000_000_000
    private static let shortPause: UInt64 = 1_000_000_000

    init(_ memory: MemoryGuard, _ server: Server, _ database: any Database, _ blocking: BlockingPool, _ log: Log) {
        self.memory = memory
        self.server = server
        self.database = database
        self.blocking = blocking
        self.log = log
    }

    /// Begins to look. The ticker is the caller's to stop.
    func start() -> Ticker { Ticker(named: "caretaker") { self.look() } }

    private func look() -> Int {
        lookAtMemory()
        let isHeldUp = server.lookAfterLoops { loop in
            let fields: LogFields = [
                "loop": .number(loop.index), "ms": .number(loop.milliseconds), "route": loop.route.map { .text($0) } ?? .none,
            ]
            if loop.isOver { log.info("the loop turns again", fields) } else { log.error("a loop is held up", fields) }
        }
        if isHeldUp { return Self.accepting }
        return memory.residentBytes > memory.limit / 2 ? Self.attentive : Self.usual
    }

    private func lookAtMemory() {
        switch memory.look() {
        case .becameShort:
            log.error(
                "memory is short: new connections and bodies are refused",
                ["resident_mb": .number(memory.residentBytes >> 20), "limit_mb": .number(memory.limit >> 20)])
        case .recovered: log.info("memory is no longer short", ["resident_mb": .number(memory.residentBytes >> 20)])
        case .none: break
        }
        if memory.isShort || memory.residentBytes > Self.slack { returnFreeMemory() }
    }

    /// Has a thread that may block look what is free, and give it back if that is much. Not too often: while it does, nobody gets memory.
    private func returnFreeMemory() {
        let now = MonotonicClock.now
        let pause = memory.isShort ? Self.shortPause : Self.pause
        let mayBegin = state.withLock { state in
            guard !state.isReturning, now - state.lastReturn >= pause else { return false }
            state.isReturning = true
            return true
        }
        guard mayBegin else { return }
        database.releaseUnusedMemory()
        let isTaken = blocking.submit { [self] in
            // What malloc keeps that is of no use to anybody cannot be told from what the system took back already, but what is in RAM can.
            let unused = memory.residentBytes - Int(clamping: process_allocated_bytes())
            if memory.isShort || unused > Self.slack { process_return_free_memory() }
            hasReturned()
        }
        if !isTaken { hasReturned() }
    }

    private func hasReturned() {
        let now = MonotonicClock.now
        state.withLock { state in
            state.isReturning = false
            state.lastReturn = now
        }
    }
}

extension MemoryGuard {
    /// Reads what the process has in RAM from the system, over a descriptor that stays open: a look takes microseconds.
    convenience init(ofProcessUpTo limit: Int) {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        let pageSize = sysconf(Int32(_SC_PAGESIZE))
        self.init(limit: limit) {
            var room = InlineArray<128, UInt8>(repeating: 0)
            let count = withUnsafeMutableBytes(of: &room) { pread(descriptor, $0.baseAddress, $0.count, 0) }
            // The second number is pages in RAM (proc(5)).
            var (words, pages) = (0, 0)
            for index in 0..<max(count, 0) {
                let byte = room[index]
                if byte == UInt8(ascii: " ") {
                    words += 1
                } else if words == 1, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                    pages = pages &* 10 &+ Int(byte - UInt8(ascii: "0"))
                }
                if words == 2 { break }
            }
            return pages &* pageSize
        }
    }
}
