import Glibc
import Testing

@testable import Loop

/// Stands between the driver and the test server, and resets its connections when it is told to, as a network or a fail-over does.
final class ResettingProxy: Sendable {
    private struct State {
        /// Which connection of the driver goes on over which one to the server.
        var pairs: [(driver: Int32, server: Int32)] = []
        var mustReset = false
        var isStopping = false
    }

    let port: UInt16
    private let listener: Int32
    private let server: SocketAddress
    private let state = Locked(State())
    private let changed = Condition()
    private let thread: Thread

    init() throws {
        let place = try #require(TestServer.url?.split(separator: "@").last?.split(separator: "/").first)
        server = try #require(SocketAddress(place))
        let bound = try Self.listen()
        (listener, port) = bound
        let (state, changed, server) = (state, changed, server)
        thread = Thread(named: "proxy") { Self.carry(bound.descriptor, server, state, changed) }
    }

    /// Resets every connection, both ways, and returns when that is done.
    func reset() {
        state.withLock { $0.mustReset = true }
        state.wait(on: changed) { $0.mustReset ? nil : () }
    }

    func stop() {
        state.withLock { $0.isStopping = true }
        thread.join()
        Glibc.close(listener)
    }

    private static func listen() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        try withUnsafeMutableBytes(of: &address) { raw in
            let pointer = raw.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            try #require(bind(descriptor, pointer, length) == 0 && Glibc.listen(descriptor, 64) == 0)
            try #require(getsockname(descriptor, pointer, &length) == 0)
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    private static func carry(_ listener: Int32, _ server: SocketAddress, _ state: Locked<State>, _ changed: Condition) {
        while true {
            let (pairs, mustReset, isStopping) = state.withLock { ($0.pairs, $0.mustReset, $0.isStopping) }
            if mustReset || isStopping {
                for pair in pairs { close(pair, withReset: true) }
                state.withLock { ($0.pairs, $0.mustReset) = ([], false) }
                changed.signalAll()
                if isStopping { return }
                continue
            }
            let ends = pairs.flatMap { [$0.driver, $0.server] }
            var waits = ([listener] + ends).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            poll(&waits, nfds_t(waits.count), 2)
            if waits[0].revents != 0 { take(listener, server, state) }
            var ended: Set<Int> = []
            for (index, wait) in waits.dropFirst().enumerated() where wait.revents != 0 {
                if !pass(from: ends[index], to: ends[index ^ 1]) { ended.insert(index / 2) }
            }
            for index in ended { close(pairs[index], withReset: false) }
            state.withLock { state in state.pairs = state.pairs.enumerated().filter { !ended.contains($0.offset) }.map(\.element) }
        }
    }

    private static func take(_ listener: Int32, _ server: SocketAddress, _ state: Locked<State>) {
        let driver = accept(listener, nil, nil)
        guard driver >= 0 else { return }
        let other = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let isThere = server.withSystemForm { connect(other, $0, $1) == 0 }
        guard isThere else { return close((driver, other), withReset: true) }
        state.withLock { $0.pairs.append((driver, other)) }
    }

    private static func pass(from source: Int32, to target: Int32) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(source, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        guard count > 0 else { return count < 0 && errno == EAGAIN }
        return send(target, buffer, count, Int32(MSG_NOSIGNAL)) == count
    }

    private static func close(_ pair: (driver: Int32, server: Int32), withReset: Bool) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        for descriptor in [pair.driver, pair.server] {
            if withReset { setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger))) }
            Glibc.close(descriptor)
        }
    }
}
