// Which of the two modules the system's types belong to depends on which the compiler meets first.
import CLinux
import Glibc
import Testing

@testable import Loop

@Suite("Clocks") struct ClockTests {
    private static let moments: [(seconds: Int, nanoseconds: Int, milliseconds: Int64)] = [
        (0, 0, 0), (1, 999_999_999, 1999), (-1, 999_999_999, 0), (-1_900_000_000, 0, 0), (.min, .min, 0), (5, -1, 5000),
        (.max, .max, 253_402_300_799_999), (253_402_300_800, 0, 253_402_300_799_999),
    ]

    @Test("whatever the machine's clock says, it is a moment from 1970 to 9999")
    func bounded() {
        for (seconds, nanoseconds, milliseconds) in Self.moments {
            #expect(MonotonicClock.milliseconds(timespec(tv_sec: seconds, tv_nsec: nanoseconds)) == milliseconds)
        }
    }

    @Test("a clock that was set is found out at the next look, forward and back, and a clock that only runs is not")
    func jumps() {
        var jump = ClockJump()
        let hour: UInt64 = 3_600_000_000_000
        #expect(jump.look(wall: 1_000_000, counted: hour) == 0)
        #expect(jump.look(wall: 1_000_000 + 3_600_000, counted: 2 * hour) == 0)
        #expect(jump.look(wall: 1_000_000 + 3_600_000 + 5 * 3_600_000, counted: 3 * hour) == 4 * 3_600_000)
        #expect(jump.look(wall: 0, counted: 4 * hour) == -(1_000_000 + 7 * 3_600_000))
        #expect(jump.look(wall: .max, counted: .max) != 0)
        #expect(jump.look(wall: .min, counted: 0) == 0)
    }
}
