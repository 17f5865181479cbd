/// What one look at a text tells of how much work cmark would have with it.
struct MarkdownCost {
    private(set) var mayHaveTags = false
    private(set) var mayHaveStrikes = false
    private var lines = 1
    private var mostBars = 0
    private var longestWord = 0

    /// Cells that its tables could have at most: missing ones are filled up, so a wide head makes all rows below as wide.
    private static let mostCells = 50_000
    private static let mostColumns = 100
    /// A word that could be an address is looked at again from each of its characters.
    private static let longestAddress = 1024

    var allowsTables: Bool { mostBars <= Self.mostColumns && (mostBars + 1) * lines <= Self.mostCells }
    var allowsAddresses: Bool { longestWord <= Self.longestAddress }

    init(of bytes: UnsafeBufferPointer<UInt8>) {
        var (bars, word, before) = (0, 0, UInt8(0))
        for byte in bytes {
            word = byte <= 0x20 ? 0 : word + 1
            longestWord = max(longestWord, word)
            switch byte {
            case UInt8(ascii: "<"): mayHaveTags = true
            case UInt8(ascii: "~"): if before == byte { mayHaveStrikes = true }
            case UInt8(ascii: "|"):
                bars += 1
                mostBars = max(mostBars, bars)
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                lines += 1
                bars = 0
            default: break
            }
            before = byte
        }
    }
}
