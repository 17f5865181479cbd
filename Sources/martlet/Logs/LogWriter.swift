import CLinux
import Codec
import Glibc
import Loop

/// Writes finished lines to a descriptor from a thread of its own, so that no event loop ever waits for a log.
///
/// What waits to be written is bounded: beyond `limit` bytes lines are dropped and counted, and the count is written as
/// a line when there is room again. A busy server costs one wake-up every `pause`, not one a block.
///
/// `start` before the first line is due, `stop` as the last thing of all: it flushes. A writer that was started and is never
/// stopped lives for as long as the process.
final class LogWriter: Sendable {
    let format: LogFormat
    private let descriptor: Int32
    private let limit: Int
    private let now: @Sendable () -> Int
    private let state = Locked(State())
    private let wake: Int32
    private let finished: Int32

    private static let pause: Int32 = 20

    /// Throws when the process is out of descriptors.
    init(descriptor: Int32, format: LogFormat, limit: Int = 8 << 20, now: @escaping @Sendable () -> Int = wallClock) throws(LogWriterFault)
    {
        self.descriptor = descriptor
        self.format = format
        self.limit = limit
        self.now = now
        let wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        let finished = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard wake >= 0, finished >= 0 else {
            if wake >= 0 { close(wake) }
            throw LogWriterFault(step: "eventfd", error: errno)
        }
        self.wake = wake
        self.finished = finished
    }

    deinit {
        close(wake)
        close(finished)
    }

    /// Takes a block of whole lines, each with its end. Never waits: what does not fit is dropped and counted.
    func submit(_ block: [UInt8]) {
        let mustWake = state.withLock { state in
            if !state.isOver && state.bytes + block.count <= limit {
                state.waiting.append(block)
                state.bytes += block.count
            } else {
                state.drop(lines: block.count { $0 == UInt8(ascii: "\n") })
            }
            guard state.thread == .asleep || (state.thread == .pausing && state.bytes > limit / 4) else { return false }
            state.thread = .awake
            return true
        }
        if mustWake { signal(wake) }
    }

    /// Waits until the thread has written everything, and at least for half of that time, in which loops bring what they still have. For
    /// a handler of the signal that ends the process: the thread does the work, and this one takes no memory.
    func writeEverything(within milliseconds: Int) {
        let step = 10
        for waited in stride(from: 0, to: milliseconds, by: step) {
            signal(wake)
            usleep(UInt32(step * 1000))
            if waited * 2 >= milliseconds, state.withLock({ $0.bytes == 0 && $0.waiting.isEmpty }) { return }
        }
    }

    /// How many lines were dropped since the start.
    var droppedLines: Int { state.withLock { $0.droppedEver } }

    /// Starts the thread. It takes no signals: those are the loops' business.
    func start() throws(LogWriterFault) {
        state.withLock { $0.isStarted = true }
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let me = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let error = pthread_create(
            &thread, nil,
            { argument in
                // `argument` is the retained writer that `start` passed, and nobody else releases it.
                if let argument { Unmanaged<LogWriter>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, me.toOpaque())
        guard error == 0 else {
            me.release()
            state.withLock { $0.isStarted = false }
            throw LogWriterFault(step: "thread", error: error)
        }
        pthread_detach(thread)
    }

    /// Writes what waits, ends the thread, and answers whether all was written. Waits for `patience` milliseconds at most:
    /// a reader that has stopped reading must not keep the process alive. Lines submitted later are dropped.
    @discardableResult func stop(patience: Int32 = 2000) -> Bool {
        guard
            state.withLock({ state in
                state.isOver = true; return state.isStarted
            })
        else { return false }
        signal(wake)
        // Not reset, so that a second `stop` does not wait.
        return wait(for: finished, milliseconds: patience)
    }
}

/// Why a writer could not start.
struct LogWriterFault: Error, CustomStringConvertible {
    let step: String
    let error: Int32
    var description: String { "The log cannot start (\(step)): \(String(cString: strerror(error)))." }
}

extension LogWriter {
    private struct State: Sendable {
        enum Thread { case awake, pausing, asleep }

        var waiting: [[UInt8]] = []
        /// Bytes that wait or are being written.
        var bytes = 0
        /// Lines dropped that no line tells of yet.
        var dropped = 0
        var droppedEver = 0
        var thread = Thread.awake
        var isStarted = false
        var isOver = false

        mutating func drop(lines: Int) {
            dropped += lines
            droppedEver += lines
        }
    }

    /// The thread's life.
    private func run() {
        linux_name_thread("martlet-log")
        var buffer = ByteWriter(capacity: 64 << 10)
        var batch: [[UInt8]] = []
        // After a failed write the count of dropped lines waits for the next block, or this would spin.
        var isBroken = false
        while true {
            batch.removeAll(keepingCapacity: true)
            let (dropped, isOver) = state.withLock { state in
                swap(&batch, &state.waiting)
                let dropped = state.dropped
                state.dropped = 0
                let isIdle = batch.isEmpty && (dropped == 0 || isBroken)
                if isIdle { state.dropped = dropped }
                state.thread = isIdle ? .asleep : .awake
                return (isIdle ? nil : dropped, state.isOver)
            }
            guard let dropped else {
                if isOver { break }
                _ = wait(for: wake, milliseconds: -1)
                clear(wake)
                continue
            }
            isBroken = !write(batch, noting: dropped, through: &buffer)
            rest(after: batch.reduce(0) { $0 + $1.count })
        }
        signal(finished)
    }

    /// Lets a few blocks come together, unless there is already much to do.
    private func rest(after written: Int) {
        let mayPause = state.withLock { state in
            state.bytes -= written
            guard !state.isOver && state.bytes <= limit / 4 else { return false }
            state.thread = .pausing
            return true
        }
        guard mayPause else { return }
        _ = wait(for: wake, milliseconds: Self.pause)
        clear(wake)
    }

    /// Writes the blocks and the line about dropped ones. Small blocks share a `write`. Answers whether all were written.
    private func write(_ batch: [[UInt8]], noting dropped: Int, through buffer: inout ByteWriter) -> Bool {
        var isWhole = true
        for block in batch {
            buffer.append(block)
            if buffer.count >= 64 << 10 { isWhole = flush(&buffer) && isWhole }
        }
        isWhole = flush(&buffer) && isWhole
        guard dropped > 0 else { return isWhole }
        buffer.appendLogLine(
            as: format, time: now(), .warn, "log lines were dropped", [LogField(name: "lines", value: .number(dropped))])
        let isTold = buffer.withUnsafeBytes { writeAll($0, to: descriptor) }
        buffer.truncate()
        if !isTold { state.withLock { $0.dropped += dropped } }
        return isTold && isWhole
    }

    private func flush(_ buffer: inout ByteWriter) -> Bool {
        guard !buffer.isEmpty else { return true }
        defer { buffer.truncate() }
        return buffer.withUnsafeBytes { bytes in
            if writeAll(bytes, to: descriptor) { return true }
            let lines = bytes.count { $0 == UInt8(ascii: "\n") }
            state.withLock { $0.drop(lines: lines) }
            return false
        }
    }

    private func signal(_ event: Int32) {
        var one: UInt64 = 1
        _ = Glibc.write(event, &one, 8)
    }

    private func clear(_ event: Int32) {
        var count: UInt64 = 0
        _ = Glibc.read(event, &count, 8)
    }

    /// Whether the event came within the time; -1 waits for ever.
    private func wait(for event: Int32, milliseconds: Int32) -> Bool {
        var ready = pollfd(fd: event, events: Int16(POLLIN), revents: 0)
        while true {
            let count = poll(&ready, 1, milliseconds)
            if count >= 0 || errno != EINTR { return count > 0 }
        }
    }
}
