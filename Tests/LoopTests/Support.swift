// Which of the two modules the system's socket types belong to depends on which the compiler meets first.
import CLinux
import Glibc
import Testing

@testable import Loop

/// Runs `body` on the thread of a loop that was started for it, and ends the loop.
func onLoop(_ body: @escaping @Sendable (EventLoop) async throws -> Void) async throws {
    let loop = try EventLoop()
    let thread = loop.start(named: "test-loop")
    defer {
        loop.stop()
        thread.join()
    }
    try await Task(executorPreference: loop) { try await body(loop) }.value
}

extension EventLoop {
    /// Lets the loop turn until so many more ticks are done. Each is made to come at once.
    func turn(_ ticks: Int = 3) async {
        for _ in 0..<ticks { await withUnsafeContinuation { continuation in submit { continuation.resume() } } }
    }

    func sleep(milliseconds: UInt64) async {
        await withUnsafeContinuation { continuation in after(nanoseconds: milliseconds * 1_000_000) { continuation.resume() } }
    }
}

/// A door at which threads wait until it is opened, and which knows when somebody stands before it.
final class Gate: Sendable {
    private let state = Locked((isOpen: false, waiting: 0))
    private let changed = Condition()

    func open() {
        state.withLock { $0.isOpen = true }
        changed.signalAll()
    }

    func pass() {
        state.withLock { $0.waiting += 1 }
        changed.signalAll()
        state.wait(on: changed) { $0.isOpen ? () : nil }
    }

    /// Blocks until so many threads have come to the door.
    func waitForVisitors(_ count: Int = 1) {
        state.wait(on: changed) { $0.waiting >= count ? () : nil }
    }
}

/// What happened, in order. From any thread.
final class Record<Event: Sendable>: Sendable {
    private let held = Locked<[Event]>([])

    func note(_ event: Event) { held.withLock { $0.append(event) } }
    var events: [Event] { held.withLock { $0 } }
}

struct Mishap: Error, Equatable {
    var number = 0
}

/// Two sockets that are each other's peer, closed at the end.
final class SocketPair {
    let ours: Int32
    let theirs: Int32
    private var isClosed = false

    init() throws {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        try #require(socketpair(AF_UNIX, kind, 0, &ends) == 0)
        (ours, theirs) = (ends[0], ends[1])
    }

    deinit {
        if !isClosed { Socket.close(ours) }
        Socket.close(theirs)
    }

    func closeOurs() {
        isClosed = true
        Socket.close(ours)
    }

    /// Makes `ours` readable.
    func poke(_ text: String = "x") { #expect(send(text, to: theirs) == text.utf8.count) }
}

@discardableResult
func send(_ text: String, to descriptor: Int32) -> Int {
    var text = text
    return text.withUTF8 { Socket.send(descriptor, UnsafeRawBufferPointer($0)) }
}

/// All that can be read now, or nil when the call failed.
func receive(from descriptor: Int32) -> String? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { Socket.receive(descriptor, into: $0) }
    return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
}

/// Notes what it is told, and does what the test wants done then.
final class Ear: Watcher {
    private(set) var told: [Readiness] = []
    var action: (Readiness) -> Void

    init(_ action: @escaping (Readiness) -> Void = { _ in }) { self.action = action }

    func ready(_ readiness: Readiness) {
        told.append(readiness)
        action(readiness)
    }
}

/// The address after a way through the system's form.
func copy(_ address: SocketAddress) -> SocketAddress {
    address.withSystemForm { pointer, length in
        var bytes = [UInt8](repeating: 0, count: MemoryLayout<sockaddr_storage>.size)
        bytes.withUnsafeMutableBytes { $0.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: Int(length))) }
        return SocketAddress(bytes.withUnsafeBytes { $0.loadUnaligned(as: sockaddr_storage.self) })
    }
}
