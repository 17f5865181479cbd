/// The last part of an article's or a category's address, made of what people call it: letters and digits of any script in lower case,
/// with a hyphen for everything between.
public enum Slug {
    public static let longest = 100
    /// What stands at such a place of an address already, and an author cannot take.
    public static let reserved: Set<String> = [
        "search", "categories", "tags", "versions", "articles", "article", "sitemap", "sitemap-xml", "assets", "feed", "new",
    ]

    /// The slug of a title; `fallback` where nothing of it is left. The accents of Latin letters are dropped.
    public static func from(_ title: String, fallback: String = "article") -> String {
        var words: [String] = [""]
        var length = 0
        for scalar in title.lowercased().unicodeScalars where length < longest {
            if let plain = plain(scalar) {
                words[words.count - 1] += plain
                length += plain.unicodeScalars.count
            } else if words[words.count - 1] != "", !isSilent(scalar) {
                words.append("")
                length += 1
            }
        }
        if words.last == "" { words.removeLast() }
        // The last word may be cut: without it the rest still says what it is about.
        if length >= longest, words.count > 1 { words.removeLast() }
        let slug = words.joined(separator: "-")
        return slug.isEmpty || isIdentifier(slug) ? fallback : slug
    }

    /// Whether an author may give an article this slug.
    public static func isSane(_ slug: String) -> Bool {
        !slug.isEmpty && slug.unicodeScalars.count <= longest && !slug.hasPrefix("-") && !slug.hasSuffix("-") && !slug.contains("--")
            && slug.unicodeScalars.allSatisfy { $0 == "-" || isLetterOrDigit($0) } && slug == slug.lowercased()
            && !isIdentifier(slug) && !reserved.contains(slug)
    }

    /// The slug with a number behind it, for one that is taken.
    public static func numbered(_ slug: String, _ number: Int) -> String {
        let end = "-\(number)"
        var beginning = String(String.UnicodeScalarView(slug.unicodeScalars.prefix(longest - end.utf8.count)))
        while beginning.hasSuffix("-") { beginning.removeLast() }
        return beginning + end
    }

    private static func plain(_ scalar: Unicode.Scalar) -> String? {
        if scalar.value < 0x80 { return isLetterOrDigit(scalar) ? String(scalar) : nil }
        return latin[scalar] ?? (isLetterOrDigit(scalar) ? String(scalar) : nil)
    }

    /// What parts no word: apostrophes, and marks that stand above a letter.
    private static func isSilent(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "'" || scalar == "\u{2019}"
            || scalar.properties.generalCategory == .nonspacingMark
                && (0x300...0x36F).contains(scalar.value)
    }

    /// Marks too: scripts of India and the Arabic world cannot be read without them.
    private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .lowercaseLetter, .otherLetter, .modifierLetter, .decimalNumber: true
        case .nonspacingMark, .spacingMark: !(0x300...0x36F).contains(scalar.value)
        default: false
        }
    }

    /// What has the form of an id would be taken for one.
    private static func isIdentifier(_ slug: String) -> Bool {
        slug.utf8.count == 36
            && slug.utf8.enumerated().allSatisfy { index, byte in
                [8, 13, 18, 23].contains(index)
                    ? byte == 0x2D : (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66)
            }
    }

    private static let latin: [Unicode.Scalar: String] = {
        var table: [Unicode.Scalar: String] = ["ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"]
        let plain = [
            "a": "àáâãäåāăą", "c": "çćĉċč", "d": "ďđð", "e": "èéêëēĕėęě", "g": "ĝğġģ", "h": "ĥħ", "i": "ìíîïĩīĭįı", "j": "ĵ", "k": "ķ",
            "l": "ĺļľł", "n": "ñńņňŋ", "o": "òóôõöøōŏő", "r": "ŕŗř", "s": "śŝşšș", "t": "ţťŧț", "u": "ùúûüũūŭůűų", "w": "ŵ",
            "y": "ýÿŷ", "z": "źżž",
        ]
        for (letter, accented) in plain {
            for scalar in accented.unicodeScalars { table[scalar] = letter }
        }
        return table
    }()
}
