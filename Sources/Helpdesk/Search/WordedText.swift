/// A text cut into its words, for a snippet of it. Places in it are bytes.
struct WordedText: Sendable {
    /// How much of a text is looked at: a snippet of what stands behind that is not made.
    static let most = 16_384

    let bytes: [UInt8]
    let words: [Range<Int>]

    init(_ text: String) {
        var bytes: [UInt8] = []
        var words: [Range<Int>] = []
        var start: Int?
        for scalar in text.unicodeScalars where bytes.count < Self.most {
            if Self.isPartOfWord(scalar) {
                start = start ?? bytes.count
            } else if let begun = start {
                words.append(begun..<bytes.count)
                start = nil
            }
            bytes.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)
        }
        if let start { words.append(start..<bytes.count) }
        self.bytes = bytes
        self.words = words
    }

    /// A word with English capitals as small letters, by which it is known; all else PostgreSQL folds.
    func key(of word: Range<Int>) -> [UInt8] {
        bytes[word].map { byte in byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte }
    }

    private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9": true
            default: false
            }
        }
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark, .spacingMark,
            .decimalNumber, .letterNumber, .otherNumber:
            true
        default: false
        }
    }
}
