import Loop

/// Something that cannot fail and is done again and again: after a time, or when its alarm is rung, but not before a pause is over.
struct Repeating: Service {
    let name: String
    private let nanoseconds: UInt64
    private let pause: (nanoseconds: UInt64, alarm: Alarm)?
    private let alarm: Alarm
    private let work: @Sendable () -> Void

    init(_ name: String, every nanoseconds: UInt64, _ alarm: Alarm, _ work: @escaping @Sendable () -> Void) {
        self.name = name
        self.nanoseconds = nanoseconds
        pause = nil
        self.alarm = alarm
        self.work = work
    }

    init(
        _ name: String, every nanoseconds: UInt64, pause: UInt64, _ alarm: Alarm, on loop: EventLoop, _ work: @escaping @Sendable () -> Void
    ) {
        self.name = name
        self.nanoseconds = nanoseconds
        self.pause = (pause, Alarm(on: loop))
        self.alarm = alarm
        self.work = work
    }

    func run() async {
        while !Task.isCancelled {
            await alarm.sleep(nanoseconds: nanoseconds)
            work()
            if let pause { await pause.alarm.sleep(nanoseconds: pause.nanoseconds) }
        }
    }
}
