/// The id of something of one kind: a UUID, in its sixteen bytes. A person's id is no ticket's, and the compiler knows.
public struct Identifier<Kind>: Hashable, Sendable {
    /// The first byte is the most significant.
    public let bits: UInt128

    public init(_ bits: UInt128) { self.bits = bits }

    /// The bound under which all ids are that were made before this moment, and over it those since: ids are version 7, and begin with the time.
    public init(madeFrom moment: Moment) { self.init(UInt128(max(0, moment.milliseconds)) << 80) }
}

/// A moment, in milliseconds since 1970 (UTC).
public struct Moment: Hashable, Comparable, Sendable {
    public let milliseconds: Int

    public init(_ milliseconds: Int) { self.milliseconds = milliseconds }

    public static func < (left: Moment, right: Moment) -> Bool { left.milliseconds < right.milliseconds }

    public func adding(days: Int) -> Moment { adding(seconds: days * 86_400) }

    /// The last moment that there is, where the sum would lie behind it; or the first.
    public func adding(seconds: Int) -> Moment {
        let (sum, isTooFar) = milliseconds.addingReportingOverflow(seconds * 1000)
        return isTooFar ? Moment(seconds < 0 ? .min : .max) : Moment(sum)
    }
}
