internal import CLinux
internal import Glibc

/// A listening socket of one loop. Several loops listen at one port, and the kernel gives each its share of the connections.
//
// `@unchecked Sendable`: everything but `descriptor` and `isClosed` belongs to the loop it listens on.
public final class Listener: Watcher, @unchecked Sendable {
    private let descriptor: Int32
    private var registration: Registration?
    /// Behind a lock, since another thread may accept in place of the loop.
    private let isClosed = Locked(false)
    private var loop: EventLoop?
    private var accepted: (Int32, SocketAddress) -> Void = { _, _ in }

    public init(at address: SocketAddress) throws(SystemFault) {
        descriptor = try Socket.listen(at: address)
    }

    deinit {
        isClosed.withLock { if !$0 { close(descriptor) } }
    }

    /// Where it listens; for port 0, the port that the system chose.
    public var address: SocketAddress { Socket.localAddress(of: descriptor) }

    /// Hands each new connection, which is the receiver's to close, to `accepted`. Loop only.
    public func listen(on loop: EventLoop, _ accepted: @escaping (Int32, SocketAddress) -> Void) throws(SystemFault) {
        self.loop = loop
        self.accepted = accepted
        registration = try loop.watch(descriptor, for: .reading, self)
    }

    public func ready(_ readiness: Readiness) {
        // A bound, so that a flood of new connections leaves the old ones their turn. What is left wakes us again.
        for _ in 0..<64 {
            do throws(SystemFault) {
                let (connection, peer) = try Socket.accept(descriptor)
                accepted(connection, peer)
            } catch {
                switch error.number {
                case EAGAIN: return
                case EMFILE, ENFILE, ENOBUFS, ENOMEM: return rest()
                default: continue  // The connection died in the queue; the next may live.
                }
            }
        }
    }

    /// No descriptor is left for another connection. To be woken for those that wait would only burn the processor.
    private func rest() {
        guard let loop, let registration else { return }
        loop.change(registration, to: [])
        loop.after(nanoseconds: 100_000_000) { [weak self] in
            guard let self, let registration = self.registration else { return }
            loop.change(registration, to: .reading)
        }
    }

    /// Takes what is in the queue, and closes. Whoever has finished the handshake is served; nobody is reset. Loop only.
    public func stop() {
        guard let loop, let registration else { return }
        _ = linux_stop_handshakes(descriptor)
        while true {
            do throws(SystemFault) {
                let (connection, peer) = try Socket.accept(descriptor)
                accepted(connection, peer)
            } catch {
                if error.number == EINTR || error.number == ECONNABORTED { continue }
                break
            }
        }
        loop.unwatch(registration)
        isClosed.withLock { isClosed in
            close(descriptor)
            isClosed = true
        }
        self.registration = nil
    }

    /// Accepts in place of the listener's own loop, which is held up: a few connections that wait for it, for others to serve. From any
    /// thread.
    public func acceptElsewhere(atMost most: Int, _ accepted: (Int32, SocketAddress) -> Void) {
        isClosed.withLock { isClosed in
            for _ in 0..<most where !isClosed {
                do throws(SystemFault) {
                    let (connection, peer) = try Socket.accept(descriptor)
                    accepted(connection, peer)
                } catch {
                    if error.number == EINTR || error.number == ECONNABORTED { continue }
                    return
                }
            }
        }
    }
}
