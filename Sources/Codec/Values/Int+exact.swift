extension Int {
    /// The greatest whole number that every reader of JSON keeps exactly (RFC 7493, section 2.2): 2⁵³ − 1.
    ///
    /// No number that comes from outside is greater, and none is below its negative. It is bounded where it is read, because an addition
    /// that overflows ends the process: with this bound a sum of a few such numbers, or one of them times a thousand, always fits.
    public static let mostExact = (1 << 53) - 1

    /// All numbers that may come from outside.
    public static let exact = -mostExact...mostExact
}
