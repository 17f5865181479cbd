/// Makes version 7 ids that never go backwards: within one millisecond, or when the clock steps back, the random part is counted up.
///
/// A value with one owner, as one loop has; ids of two makers are told apart by their random bits.
public struct UUIDMaker: ~Copyable {
    private var source: RandomSource
    private var last = UUID.zero

    public init(source: consuming RandomSource = RandomSource()) { self.source = source }

    /// The next id, greater than every one before it.
    public mutating func next(at time: Timestamp) -> UUID {
        // The time inside the last id, and not the clock's last, for a carry may have moved it on.
        if time > last.time ?? .earliest {
            last = .v7(at: time, random: source.next(), source.next())
        } else {
            last = UUIDMaker.successor(of: last, by: source.next() & 0xFFFF_FFFF)
        }
        return last
    }

    /// A version 4 id from the same randomness.
    public mutating func v4() -> UUID { .v4(random: source.next(), source.next()) }

    /// Counts the 74 random bits up by a random step, so that the next id cannot be guessed; a carry goes into the time.
    private static func successor(of id: UUID, by step: UInt64) -> UUID {
        let low = (id.low & 0x3FFF_FFFF_FFFF_FFFF) + step + 1
        guard low >> 62 != 0 else { return UUID(high: id.high, low: 1 << 63 | low) }
        // Over the version's four bits: an addition that leaves them at 7 and carries from the 12 below into the time above.
        let counter = (id.high & 0x0FFF) + 1
        let time = (id.high >> 16) &+ counter >> 12
        return UUID(high: time << 16 | 0x7000 | counter & 0x0FFF, low: 1 << 63 | low & 0x3FFF_FFFF_FFFF_FFFF)
    }
}
