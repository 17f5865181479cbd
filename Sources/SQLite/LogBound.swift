/// Keeps the write-ahead log short: after a commit that made it long, what nobody reads any more is moved into the main file.
///
/// That comes after the callers have their answers, which is why it is not left to SQLite's own check-points. On the writer's lane only.
struct LogBound {
    private let gate: ScanGate
    /// The length at which it is looked at next.
    private var next = usual

    // In pages of 4 KB. Few and large check-points, since each flushes the main file too.
    private static let usual = 4_000
    private static let pause = 100
    /// Beyond this scans have to make room.
    private static let longest = 12_000

    init(_ gate: ScanGate) { self.gate = gate }

    /// Looks at the log after a commit. `empty` is called, on some thread, when the scans are out of the way: `empty(_:)` belongs there.
    mutating func look(at link: SQLiteLink, _ empty: @escaping @Sendable () -> Void) {
        let pages = link.logPages
        // It has begun anew.
        if pages < Self.usual { next = Self.usual }
        guard pages >= next else { return }
        next = pages + Self.pause
        let isWhole = link.checkpoint()
        if !isWhole && pages >= Self.longest { gate.shut(empty) }
    }

    /// No scan is running, so there are only reads to wait for, which take a few milliseconds at most. The scans go on in any case,
    /// also when the disk did not allow it.
    func empty(_ link: SQLiteLink?) {
        _ = link?.checkpoint(patience: 100)
        gate.open()
    }
}
