import Glibc
import Testing

@testable import Loop

@Suite("Listeners", .timeLimit(.minutes(1))) struct ListenerTests {
    @Test("port 0 is a port that the system chose, and a caller's address is the one he calls from", arguments: ["127.0.0.1", "::1"])
    func portZero(host: String) async throws {
        try await onLoop { loop in
            let host = try #require(IPAddress(host))
            let listener = try Listener(at: SocketAddress(host))
            #expect(listener.address.ip == host)
            #expect(listener.address.port != 0)
            var callers: [SocketAddress] = []
            try listener.listen(on: loop) { descriptor, peer in
                callers.append(peer)
                send("hello", to: descriptor)
                Socket.close(descriptor)
            }
            let client = try call(listener.address)
            await loop.turn()
            #expect(callers == [Socket.localAddress(of: client)])
            #expect(receive(from: client) == "hello")
            Socket.close(client)
            listener.stop()
        }
    }

    @Test("a listener at :: also takes IPv4 callers, and knows them as such")
    func both() async throws {
        try await onLoop { loop in
            let listener = try Listener(at: SocketAddress(try #require(IPAddress("::"))))
            var callers: [SocketAddress] = []
            try listener.listen(on: loop) { descriptor, peer in
                callers.append(peer)
                Socket.close(descriptor)
            }
            let client = try call(SocketAddress(IPAddress(v4: 0x7F00_0001), port: listener.address.port))
            await loop.turn()
            #expect(callers.first?.ip == IPAddress("127.0.0.1"))
            Socket.close(client)
            listener.stop()
        }
    }

    @Test("several listeners share a port, and each caller reaches one")
    func shared() async throws {
        try await onLoop { loop in
            let first = try Listener(at: home)
            let second = try Listener(at: first.address)
            var callers = 0
            for listener in [first, second] {
                try listener.listen(on: loop) { descriptor, _ in
                    callers += 1
                    Socket.close(descriptor)
                }
            }
            let clients = try (0..<40).map { _ in try call(first.address) }
            await loop.turn(6)
            #expect(callers == 40)
            for client in clients { Socket.close(client) }
            first.stop()
            second.stop()
        }
    }

    @Test("an address that somebody else has is refused by name")
    func taken() throws {
        // Another program's socket, which shares nothing.
        let other = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { Socket.close(other) }
        try #require(home.withSystemForm { bind(other, $0, $1) } == 0)
        try #require(listen(other, 1) == 0)
        let address = Socket.localAddress(of: other)
        let fault = #expect(throws: SystemFault.self) { try Listener(at: address) }
        #expect(fault?.description == "listen at \(address): Address already in use")
    }

    @Test("an address that is not ours is refused by name")
    func foreign() throws {
        let fault = #expect(throws: SystemFault.self) { try Listener(at: try #require(SocketAddress("192.0.2.1:0"))) }
        #expect(fault?.number == EADDRNOTAVAIL)
    }

    @Test("the stop serves everybody who has come, more than one turn takes, and refuses the next")
    func stop() async throws {
        try await onLoop { loop in
            let listener = try Listener(at: home)
            let address = listener.address
            var served = 0
            try listener.listen(on: loop) { descriptor, _ in
                served += 1
                send("hello", to: descriptor)
                Socket.close(descriptor)
            }
            let clients = try (0..<100).map { _ in try call(address) }
            #expect(served == 0)
            listener.stop()
            #expect(served == 100)
            for client in clients {
                #expect(receive(from: client) == "hello")
                Socket.close(client)
            }
            let fault = #expect(throws: SystemFault.self) { try call(address) }
            #expect(fault?.number == ECONNREFUSED)
            // A second stop, and events that were under way, do no harm.
            listener.stop()
            await loop.turn()
        }
    }

    @Test("who calls during the stop is neither served nor reset: his handshake stays without an answer until he is refused")
    func late() async throws {
        try await onLoop { loop in
            let listener = try Listener(at: home)
            let address = listener.address
            var served = 0
            var late: [Int32] = []
            try listener.listen(on: loop) { descriptor, _ in
                served += 1
                Socket.close(descriptor)
                if late.count < 5 { late.append(knock(at: address)) }
            }
            let clients = try (0..<3).map { _ in try call(address) }
            listener.stop()
            #expect(served == 3)
            #expect(late.count == 3)
            var states = late.map { pollfd(fd: $0, events: Int16(POLLOUT), revents: 0) }
            #expect(poll(&states, nfds_t(states.count), 0) == 0)
            for descriptor in late {
                // The system asks again after a second, and nobody is there.
                var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                #expect(poll(&state, 1, 30_000) == 1)
                var fault: Int32 = 0
                var length = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &fault, &length)
                #expect(fault == ECONNREFUSED)
            }
            for descriptor in clients + late { Socket.close(descriptor) }
        }
    }

    @Test("a stop in the midst of a rush resets nobody who got through")
    func rush() async throws {
        try await onLoop { loop in
            let listener = try Listener(at: home)
            let address = listener.address
            try listener.listen(on: loop) { descriptor, _ in
                send("hello", to: descriptor)
                Socket.close(descriptor)
            }
            let answers = Record<String?>()
            let callers = (0..<4).map { number in
                Thread(named: "caller-\(number)") {
                    while let client = try? call(address) {
                        answers.note(receive(from: client))
                        Socket.close(client)
                    }
                }
            }
            while answers.events.count < 100 { await loop.sleep(milliseconds: 1) }
            listener.stop()
            for caller in callers { caller.join() }
            #expect(answers.events.filter { $0 != "hello" } == [])
        }
    }

    @Test("without descriptors a listener rests instead of spinning, and goes on when there are some")
    func exhausted() async {
        // In a process of its own, since the limit is the whole process's.
        await #expect(processExitsWith: .success) {
            try await onLoop { loop in
                let listener = try Listener(at: home)
                var served: [Int32] = []
                try listener.listen(on: loop) { descriptor, _ in served.append(descriptor) }
                let clients = try (0..<4).map { _ in try call(listener.address) }
                let free = dup(clients[0])
                Socket.close(free)
                var limit = rlimit()
                let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
                getrlimit(files, &limit)
                // Room for one more.
                var tight = rlimit(rlim_cur: rlim_t(free + 1), rlim_max: limit.rlim_max)
                try #require(setrlimit(files, &tight) == 0)
                await loop.turn()
                #expect(served == [free])
                let ticks = loop.figures.tickCount
                await loop.sleep(milliseconds: 50)
                #expect(loop.figures.tickCount < ticks + 10)
                #expect(served == [free])
                setrlimit(files, &limit)
                while served.count < 4 { await loop.sleep(milliseconds: 5) }
                listener.stop()
                for descriptor in clients + served { Socket.close(descriptor) }
            }
        }
    }
}

/// An address of this machine that no other listener has, each time another one: once a test has let go of its port, nobody else
/// answers there.
private var home: SocketAddress {
    let number = homes.withLock { number in
        number += 1
        return number
    }
    return SocketAddress(IPAddress(v4: 0x7F4D_0000 | (UInt32(truncatingIfNeeded: getpid()) & 0xFF) << 8 | number))
}

private let homes = Locked<UInt32>(0)

/// Connects as any program would: waits until the handshake is done.
private func call(_ address: SocketAddress) throws(SystemFault) -> Int32 {
    let family = address.ip.isIPv4 ? AF_INET : AF_INET6
    let descriptor = try SystemFault.check(socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0), "socket")
    do throws(SystemFault) {
        try SystemFault.check(address.withSystemForm { connect(descriptor, $0, $1) }, "connect")
    } catch {
        Socket.close(descriptor)
        throw error
    }
    return descriptor
}

/// Begins to connect, and waits for nothing.
private func knock(at address: SocketAddress) -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    _ = address.withSystemForm { connect(descriptor, $0, $1) }
    return descriptor
}
