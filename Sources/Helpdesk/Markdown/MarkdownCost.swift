/// What one look at a text tells of how much work cmark would have with it.
struct MarkdownCost {
    private(set) var mayHaveTags = false
    private(set) var mayHaveStrikes = false
    private var lines = 1
    private var mostBars = 0
    private var longestWord = 0
    private var pictures = 0
    private var closings = 0
    private var longestDefinition = 0

    /// Cells that its tables could have at most: missing ones are filled up, so a wide head makes all rows below as wide.
    private static let mostCells = 50_000
    private static let mostColumns = 100
    /// A word that could be an address is looked at again from each of its characters.
    private static let longestAddress = 1024

    /// Each link looks at all the pictures that were begun before it.
    private static let mostLooks = 4_000_000
    /// What references to an address stand for, all together.
    private static let mostReferred = 2_000_000

    var allowsPictures: Bool { pictures * closings <= Self.mostLooks }
    var allowsDefinitions: Bool { longestDefinition * closings <= Self.mostReferred }
    var allowsTables: Bool { mostBars <= Self.mostColumns && (mostBars + 1) * lines <= Self.mostCells }
    var allowsAddresses: Bool { longestWord <= Self.longestAddress }

    init(of bytes: UnsafeBufferPointer<UInt8>) {
        var (bars, word, before) = (0, 0, UInt8(0))
        // Bytes since `]:`, which may begin a definition; it ends with an empty line at the latest.
        var (definition, isInDefinition, lineIsEmpty) = (0, false, true)
        for byte in bytes {
            if isInDefinition {
                definition += 1
                longestDefinition = max(longestDefinition, definition)
            }
            word = byte <= 0x20 ? 0 : word + 1
            longestWord = max(longestWord, word)
            switch byte {
            case UInt8(ascii: "<"): mayHaveTags = true
            case UInt8(ascii: "~"): if before == byte { mayHaveStrikes = true }
            case UInt8(ascii: "|"):
                bars += 1
                mostBars = max(mostBars, bars)
            case UInt8(ascii: "["): if before == UInt8(ascii: "!") { pictures += 1 }
            case UInt8(ascii: "]"): closings += 1
            case UInt8(ascii: ":"): if before == UInt8(ascii: "]") { (definition, isInDefinition) = (0, true) }
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                lines += 1
                bars = 0
                if lineIsEmpty { isInDefinition = false }
            default: break
            }
            if byte == UInt8(ascii: "\n") { lineIsEmpty = true } else if byte > 0x20 { lineIsEmpty = false }
            before = byte
        }
    }
}
