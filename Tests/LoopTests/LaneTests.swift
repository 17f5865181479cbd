import Glibc
import Testing

@testable import Loop

@Suite("Lanes", .timeLimit(.minutes(1))) struct LaneTests {
    @Test("a lane gives back what its work returns or throws")
    func result() async throws {
        let lane = Lane(named: "lane")
        defer { lane.stop() }
        #expect(await lane.run { 6 * 7 } == 42)
        await #expect(throws: Mishap(number: 1)) { try await lane.run { () throws(Mishap) -> Int in throw Mishap(number: 1) } }
        #expect(await lane.run { "still here" } == "still here")
    }

    @Test("work runs in the order in which it was handed over, on one thread")
    func order() async {
        let lane = Lane(named: "lane")
        defer { lane.stop() }
        let done = Record<Int>()
        let threads = Record<UInt>()
        for number in 0..<1000 {
            lane.submit {
                done.note(number)
                threads.note(UInt(pthread_self()))
            }
        }
        await lane.run {}
        #expect(done.events == Array(0..<1000))
        #expect(Set(threads.events).count == 1)
        #expect(threads.events.first != UInt(pthread_self()))
    }

    @Test("a task may live on a lane, and an actor too")
    func executor() async {
        let lane = Lane(named: "lane")
        defer { lane.stop() }
        let home = await lane.run { UInt(pthread_self()) }
        let places = await Task(executorPreference: lane) {
            var places = [UInt(pthread_self())]
            await Task.yield()
            places.append(UInt(pthread_self()))
            return places
        }.value
        #expect(places == [home, home])
        #expect(await Resident(lane).place() == home)
    }

    @Test("a stop lets what waits run, also what that hands over itself")
    func stop() {
        let lane = Lane(named: "lane")
        let gate = Gate()
        let done = Record<Int>()
        lane.submit { gate.pass() }
        gate.waitForVisitors()
        for number in 0..<10 {
            lane.submit {
                done.note(number)
                if number == 9 { lane.submit { done.note(10) } }
            }
        }
        #expect(done.events.isEmpty)
        gate.open()
        lane.stop()
        #expect(done.events == Array(0...10))
    }
}

private actor Resident {
    private let lane: Lane
    nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    init(_ lane: Lane) { self.lane = lane }

    func place() -> UInt { UInt(pthread_self()) }
}
