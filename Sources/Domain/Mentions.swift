/// Whom a text names with `@name`.
public enum Mentions {
    /// More than this nobody means.
    public static let most = 20

    /// The names, folded, each once and in order. A name is given with what may be a full stop behind it and without: `@bob.` is `bob.`
    /// or `bob`, and who looks people up takes the first that there is.
    ///
    /// What is quoted (`> …`) or code names nobody, and neither does the `@` of an address or a link.
    public static func names(in text: String) -> [[String]] {
        guard text.utf8.contains(UInt8(ascii: "@")) else { return [] }
        var scan = Scan()
        var isFenced = false
        for line in text.split(whereSeparator: \.isNewline) {
            let start = line.drop { $0 == " " || $0 == "\t" }
            if start.hasPrefix("```") || start.hasPrefix("~~~") {
                isFenced.toggle()
            } else if !isFenced, !start.hasPrefix(">") {
                scan.read(line.unicodeScalars)
            }
        }
        return scan.names
    }

    private struct Scan {
        private(set) var names: [[String]] = []

        mutating func read(_ line: Substring.UnicodeScalarView) {
            var rest = line[...]
            var last: Unicode.Scalar?
            while let scalar = rest.popFirst() {
                if scalar == "`", let end = rest.firstIndex(of: "`") {
                    rest = rest[rest.index(after: end)...]
                } else if scalar == "@", last.map({ !$0.isInName && $0 != "@" && $0 != "/" }) ?? true {
                    note(rest.prefix { $0.isInName })
                }
                last = scalar
            }
        }

        private mutating func note(_ name: Substring.UnicodeScalarView) {
            var bare = name
            while let end = bare.last, end.isPunctuationInName { bare.removeLast() }
            guard !bare.isEmpty, name.count <= Username.longest, names.count < Mentions.most else { return }
            let spellings = name.count == bare.count ? [bare] : [name, bare]
            let found = spellings.map { String($0).lowercased() }
            if !names.contains(found) { names.append(found) }
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isPunctuationInName: Bool { self == "." || self == "-" || self == "_" || self == "+" }

    fileprivate var isInName: Bool {
        isPunctuationInName || properties.isAlphabetic || properties.numericType != nil
            || properties.generalCategory == .nonspacingMark || properties.generalCategory == .spacingMark
    }
}
