/// A file's name as somebody sent it, made one that harms nobody: neither whoever saves the file under it, nor the header or page that it
/// stands in. Most names come out as they went in.
public enum FileName {
    /// Bytes of UTF-8: room for what systems add, below the 255 that most file systems take.
    public static let longest = 200

    public static func harmless(_ sent: String?) -> String {
        let scalars = (sent ?? "").unicodeScalars.lazy.map { $0 == "\\" ? "/" : $0 }
        // What comes before a separator is a folder of the sender's.
        let last = scalars.split(separator: "/", omittingEmptySubsequences: true).last.map(Array.init) ?? []
        var name = String(String.UnicodeScalarView(last.compactMap(replaced)))
        name = shortened(trimmed(name))
        if name.isEmpty { return "file" }
        return isDevice(name) ? "_\(name)" : name
    }

    /// What stands in a scalar's place; nil for what nobody sees, and what turns the rest round or hides it.
    private static func replaced(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar {
        case "<", ">", ":", "\"", "|", "?", "*": return "_"
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: return nil
        case .spaceSeparator: return " "
        default: return scalar.properties.isDefaultIgnorableCodePoint && !isVariation(scalar) ? nil : scalar
        }
    }

    /// Chooses among the looks of the character before it, as in many emoji.
    private static func isVariation(_ scalar: Unicode.Scalar) -> Bool { scalar.value == 0xFE0E || scalar.value == 0xFE0F }

    /// A dot at the front hides a file, and Windows drops dots and blanks at the end, so that `a.exe.` runs.
    private static func trimmed(_ name: String) -> String {
        var rest = name.unicodeScalars[...]
        while let first = rest.first, first == "." || first == " " { rest.removeFirst() }
        while let last = rest.last, last == "." || last == " " { rest.removeLast() }
        return String(rest)
    }

    /// Keeps what is behind the last dot, which tells what the file is.
    private static func shortened(_ name: String) -> String {
        guard name.utf8.count > longest else { return name }
        let dot = name.utf8.lastIndex(of: UInt8(ascii: "."))
        let ending = dot.map { String(name[$0...]) } ?? ""
        let kept = ending.utf8.count <= 20 ? ending : ""
        var room = longest - kept.utf8.count
        let front = name.prefix { character in
            room -= character.utf8.count
            return room >= 0
        }
        return trimmed(String(front)) + kept
    }

    /// Windows opens a device by these names, whatever ending they have.
    private static func isDevice(_ name: String) -> Bool {
        var stem = (name.split(separator: ".", omittingEmptySubsequences: false).first ?? "").uppercased()
        while stem.last == " " { stem.removeLast() }
        if ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"].contains(stem) { return true }
        guard stem.count == 4, stem.hasPrefix("COM") || stem.hasPrefix("LPT"), let number = stem.last else { return false }
        return "0123456789¹²³".contains(number)
    }
}
