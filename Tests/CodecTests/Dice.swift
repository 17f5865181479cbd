/// Randomness for property tests: the same seed throws the same dice, so that a failure can be had again.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    mutating func oneOf<Item>(_ items: [Item]) -> Item { items[below(items.count)] }

    /// Text with all that is hard in it: escapes, NUL-free controls, scalars of every length.
    mutating func text(upTo most: Int) -> String {
        var text = String.UnicodeScalarView()
        let scalars: [Unicode.Scalar] = [
            "a", "Z", "0", " ", "\"", "\\", "/", "\n", "\t", "\u{1}", "\u{7F}", "é", "ß", "€", "\u{FFFF}", "😀", "%", "+", "&", "=", ",",
            ";",
        ]
        for _ in 0..<below(most + 1) { text.append(oneOf(scalars)) }
        return String(text)
    }

    mutating func bytes(upTo most: Int) -> [UInt8] { (0..<below(most + 1)).map { _ in UInt8(truncatingIfNeeded: next()) } }

    /// Cuts that part `count` bytes into pieces, in order.
    mutating func cuts(of count: Int) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var at = 0
        while at < count {
            let end = min(count, at + 1 + below(7))
            ranges.append(at..<end)
            at = end
        }
        return ranges
    }
}
