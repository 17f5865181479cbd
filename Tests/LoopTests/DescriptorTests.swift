import Glibc
import Testing

@testable import Loop

@Suite("Descriptors of a loop", .timeLimit(.minutes(1))) struct DescriptorTests {
    @Test("a watcher is told as long as there is something to read")
    func level() async throws {
        try await onLoop { loop in
            let pair = try SocketPair()
            let end = Latch()
            let ear = Ear()
            ear.action = { [unowned ear] _ in
                if ear.told.count == 3 {
                    #expect(receive(from: pair.ours) == "x")
                    end.happen()
                }
            }
            let registration = try loop.watch(pair.ours, for: .reading, ear)
            pair.poke()
            await end.wait()
            await loop.turn()
            #expect(ear.told == [.reading, .reading, .reading])
            loop.unwatch(registration)
        }
    }

    @Test("one who asked for changes is told once a change, whether or not he reads")
    func onChange() async throws {
        try await onLoop { loop in
            let pair = try SocketPair()
            let ear = Ear()
            let registration = try loop.watch(pair.ours, for: [.reading, .onChange], ear)
            pair.poke()
            await loop.turn(5)
            #expect(ear.told == [.reading])
            pair.poke()
            await loop.turn(5)
            #expect(ear.told == [.reading, .reading])
            #expect(receive(from: pair.ours) == "xx")
            loop.unwatch(registration)
        }
    }

    @Test("one who waits for both is told when the peer takes bytes again")
    func writing() async throws {
        try await onLoop { loop in
            let pair = try SocketPair()
            let block = String(repeating: "x", count: 4096)
            var sent = 0
            while case let count = send(block, to: pair.ours), count > 0 { sent += count }
            #expect(send(block, to: pair.ours) == -Int(EAGAIN))
            let ear = Ear()
            let registration = try loop.watch(pair.ours, for: [.reading, .writing, .onChange], ear)
            await loop.turn()
            #expect(ear.told.isEmpty)
            var taken = 0
            while taken < sent, let text = receive(from: pair.theirs) { taken += text.utf8.count }
            await loop.turn()
            #expect(ear.told.last == .writing)
            loop.unwatch(registration)
        }
    }

    @Test("a registration may wait for something else, or for nothing, and then again")
    func change() async throws {
        try await onLoop { loop in
            let pair = try SocketPair()
            let ear = Ear()
            let registration = try loop.watch(pair.ours, for: [], ear)
            pair.poke()
            await loop.turn()
            #expect(ear.told.isEmpty)
            loop.change(registration, to: [.writing, .onChange])
            await loop.turn()
            #expect(ear.told == [.writing])
            loop.change(registration, to: [.reading, .onChange])
            await loop.turn()
            #expect(ear.told == [.writing, .reading])
            loop.unwatch(registration)
        }
    }

    @Test("the end of what a peer sends, and its death, are told apart")
    func ends() async throws {
        try await onLoop { loop in
            let pair = try SocketPair()
            let ear = Ear()
            let registration = try loop.watch(pair.ours, for: [.reading, .peerEnded, .onChange], ear)
            shutdown(pair.theirs, Int32(SHUT_WR))
            await loop.turn()
            #expect(ear.told == [[.reading, .peerEnded]])
            #expect(receive(from: pair.ours) == "")
            shutdown(pair.theirs, Int32(SHUT_RD))
            await loop.turn()
            #expect(ear.told.last?.contains(.hungUp) == true)
            // No signal kills us for this.
            #expect(send("x", to: pair.ours) == -Int(EPIPE))
            loop.unwatch(registration)
        }
    }

    @Test("nobody is told after unwatching, though the descriptor lives and is ready")
    func unwatch() async throws {
        try await onLoop { loop in
            let left = try SocketPair()
            let right = try SocketPair()
            let ears = (Ear(), Ear())
            let registration = try loop.watch(left.ours, for: .reading, ears.0)
            let other = try loop.watch(right.ours, for: [.reading, .onChange], ears.1)
            loop.unwatch(registration)
            loop.unwatch(registration)
            left.poke()
            right.poke()
            await loop.turn()
            #expect(ears.0.told.isEmpty)
            #expect(ears.1.told == [.reading])
            loop.unwatch(other)
        }
    }

    @Test("the event of a descriptor that an earlier event has closed reaches neither its watcher nor the next in its place")
    func stale() async throws {
        try await onLoop { loop in
            let pairs = [try SocketPair(), try SocketPair()]
            let quiet = try SocketPair()
            let heir = Ear()
            var registrations: [Registration] = []
            var told: [Int] = []
            var fault: (any Error)?
            let ears = [0, 1].map { number in
                Ear { _ in
                    // Whoever is told first closes the other, and a third takes the other's place in the table.
                    told.append(number)
                    loop.unwatch(registrations[1 - number])
                    pairs[1 - number].closeOurs()
                    do {
                        let next = try loop.watch(quiet.ours, for: .reading, heir)
                        #expect(next.index == registrations[1 - number].index)
                    } catch {
                        fault = error
                    }
                    loop.unwatch(registrations[number])
                }
            }
            for number in [0, 1] { registrations.append(try loop.watch(pairs[number].ours, for: .reading, ears[number])) }
            // Both in one job, so that both events are in one batch.
            for pair in pairs { pair.poke() }
            await loop.turn()
            #expect(told.count == 1)
            #expect(heir.told.isEmpty)
            #expect(fault == nil)
            quiet.poke()
            await loop.turn(1)
            #expect(!heir.told.isEmpty)
        }
    }

    @Test("what is no open descriptor is refused, and its place is free again")
    func refused() async throws {
        try await onLoop { loop in
            let pair = try SocketPair()
            #expect(throws: SystemFault(number: EBADF, call: "epoll_ctl")) { try loop.watch(-1, for: .reading, Ear()) }
            let registration = try loop.watch(pair.ours, for: .reading, Ear())
            #expect(registration.index == 0)
            #expect(throws: SystemFault(number: EEXIST, call: "epoll_ctl")) { try loop.watch(pair.ours, for: .reading, Ear()) }
            loop.unwatch(registration)
        }
    }

    @Test("more descriptors may be ready than one wait tells")
    func batch() async throws {
        try await onLoop { loop in
            let pairs = try (0..<300).map { _ in try SocketPair() }
            var told = Set<Int>()
            let registrations = try pairs.indices.map { number in
                try loop.watch(pairs[number].ours, for: [.reading, .onChange], Ear { _ in told.insert(number) })
            }
            for pair in pairs { pair.poke() }
            await loop.turn(6)
            #expect(told.count == 300)
            for registration in registrations { loop.unwatch(registration) }
        }
    }

    @Test("what is left of a watch whose descriptor was closed by somebody else takes nothing from the next one with that number")
    func reusedNumber() async throws {
        try await onLoop { loop in
            let heirs = try SocketPair()
            let number = try highNumber(for: heirs.ours)
            let left = try loop.watch(number, for: .reading, Ear())
            // As a library does that owns the descriptor: nobody is told.
            close(number)
            let stranger = try SocketPair()
            try #require(dup2(stranger.ours, number) == number)
            defer { close(number) }
            let ear = Ear()
            let registration = try loop.watch(number, for: [.reading, .onChange], ear)
            #expect(!loop.change(left, to: []))
            loop.unwatch(left)
            loop.forget(left)
            stranger.poke()
            await loop.turn()
            #expect(ear.told == [.reading])
            loop.unwatch(registration)
            // The number is free again, and so is its place.
            loop.unwatch(try loop.watch(number, for: .reading, Ear()))
        }
    }

    @Test("a watch that is forgotten tells nobody any more, and a descriptor with its number may be watched")
    func forget() async throws {
        try await onLoop { loop in
            let (pair, heirs) = (try SocketPair(), try SocketPair())
            let number = try highNumber(for: pair.ours)
            let ear = Ear()
            let registration = try loop.watch(number, for: [.reading, .onChange], ear)
            close(number)
            loop.forget(registration)
            pair.poke()
            try #require(dup2(heirs.ours, number) == number)
            defer { close(number) }
            let heir = Ear()
            let next = try loop.watch(number, for: [.reading, .onChange], heir)
            heirs.poke()
            await loop.turn()
            #expect(ear.told.isEmpty && heir.told == [.reading])
            loop.unwatch(next)
        }
    }

    /// Another number for a descriptor, far above those that the other tests of this process get meanwhile: it is closed and taken again.
    private func highNumber(for descriptor: Int32) throws -> Int32 {
        let number = fcntl(descriptor, F_DUPFD, 900)
        try #require(number >= 900)
        return number
    }
}
