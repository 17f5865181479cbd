import Glibc
import Testing

@testable import Loop

@Suite("Signals", .timeLimit(.minutes(1))) struct SignalsTests {
    @Test("a signal is an event of the loop: SIGHUP to reload, SIGTERM and SIGINT to stop, and none of them kills")
    func heard() async {
        // In a process of its own. Its other threads do not have the signals blocked, so they go to the loop's thread by name.
        await #expect(processExitsWith: .success) {
            let loop = try EventLoop()
            let record = Record<Signal>()
            let thread = Thread(named: "test-loop") {
                do {
                    let signals = try Signals()
                    try signals.listen(on: loop) { [unowned loop] signal in
                        record.note(signal)
                        if record.events.count == 4 { loop.stop() }
                    }
                } catch {
                    return record.note(.stop)
                }
                // One before the loop turns, then one in each tick.
                pthread_kill(pthread_self(), SIGHUP)
                for signal in [SIGTERM, SIGHUP, SIGINT] { loop.submit { pthread_kill(pthread_self(), signal) } }
                loop.run()
            }
            thread.join()
            // Those that wait come in the order of their numbers: SIGHUP 1, SIGINT 2, SIGTERM 15.
            #expect(record.events.filter { $0 == .reload }.count == 2)
            #expect(record.events.filter { $0 == .stop }.count == 2)
        }
    }

    @Test("to write where nobody reads is an error, and no signal kills")
    func brokenPipe() async {
        await #expect(processExitsWith: .success) {
            _ = try Signals()
            var ends: [Int32] = [-1, -1]
            try #require(pipe(&ends) == 0)
            close(ends[0])
            #expect(write(ends[1], "x", 1) == -1)
            #expect(errno == EPIPE)
        }
    }
}
