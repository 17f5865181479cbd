/// A text that stands on one line among others: a name, a title, a tag, a category. Whoever reads a list must be able to tell where each
/// begins and ends, and see that it is there.
public enum OneLine {
    public enum Fault: Sendable {
        /// Nothing that anybody sees.
        case blank
        /// An end of a line, another control character, or one that turns round the direction of what follows.
        case breaksLine

        /// A word that programs know, and a sentence.
        public var kind: String { self == .blank ? "string_too_short" : "value_error" }
        public var message: String {
            switch self {
            case .blank: "String should not be blank"
            case .breaksLine: "String should have no line end, no control character and none that turns its direction"
            }
        }
    }

    /// What is wrong with a text; nil when nothing is. How long it may be is each field's own rule.
    public static func fault(in text: String) -> Fault? {
        var isBlank = true
        for scalar in text.unicodeScalars {
            if scalar.breaksLine { return .breaksLine }
            if isBlank { isBlank = scalar.isBlank }
        }
        return isBlank ? .blank : nil
    }

    /// The text without what does not belong on a line, for what other systems bring and nobody can be asked about; nil when nothing is
    /// left to see.
    public static func mended(_ text: String) -> String? {
        switch fault(in: text) {
        case nil: return text
        case .blank: return nil
        case .breaksLine: break
        }
        var mended = String.UnicodeScalarView()
        // A line's end parts two words.
        for scalar in text.unicodeScalars where !scalar.breaksLine || scalar.properties.isWhitespace {
            mended.append(scalar.breaksLine ? " " : scalar)
        }
        let result = String(mended)
        return fault(in: result) == nil ? result : nil
    }
}

extension InvalidField {
    /// What is wrong with a text of one line; nil when nothing is.
    public static func oneLine(_ text: String, at location: String, atMost longest: Int) -> InvalidField? {
        if text.unicodeScalars.count > longest {
            return InvalidField(location, "string_too_long", "String should have at most \(longest) characters")
        }
        return OneLine.fault(in: text).map { InvalidField(location, $0.kind, $0.message) }
    }
}

extension Unicode.Scalar {
    fileprivate var breaksLine: Bool {
        switch value {
        case 0x20...0x7E: return false
        // Embeddings, overrides and isolates of direction.
        case 0x202A...0x202E, 0x2066...0x2069: return true
        default: break
        }
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }

    /// White space, what has no width or is not drawn, and the Braille pattern without a dot.
    fileprivate var isBlank: Bool {
        if value > 0x20, value < 0x7F { return false }
        return properties.isWhitespace || properties.isDefaultIgnorableCodePoint || properties.generalCategory == .format || value == 0x2800
    }
}
