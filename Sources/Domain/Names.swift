// What may be an address, a username, a locale. Rules of form alone: whether mail arrives there, only mail can tell.

/// An e-mail address as people have one. Comments, quoted local parts and bare addresses of machines, which the standard allows, are
/// refused: nobody is reached that way, and each has been used to trick a reader.
public enum EmailAddress {
    public static let longest = 320

    /// One `@`, a local part and a host with a dot (or `localhost`), and no blank, control character or bracket in it. Scalars are looked at,
    /// not characters: a mark behind an `@` makes another character of the two.
    public static func isSane(_ text: String) -> Bool {
        guard text.utf8.count <= longest else { return false }
        let scalars = text.unicodeScalars
        let parts = scalars.split(separator: "@", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(String(parts[0]).utf8.count) else { return false }
        guard scalars.allSatisfy({ !$0.isUnseen && !"<>()[]\\,;:\"".unicodeScalars.contains($0) }) else { return false }
        return isSaneLocal(parts[0]) && isSaneHost(parts[1])
    }

    private static func isSaneLocal(_ local: Substring.UnicodeScalarView) -> Bool {
        local.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { $0.first.map { !$0.isMark } ?? false }
    }

    /// Labels of letters, digits and hyphens; letters of any script, as internationalised names have them.
    private static func isSaneHost(_ host: Substring.UnicodeScalarView) -> Bool {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        let text = String(host)
        guard text.utf8.count <= 253, labels.count > 1 || text.lowercased().utf8.elementsEqual("localhost".utf8) else { return false }
        return labels.allSatisfy { label in
            guard let first = label.first, String(label).utf8.count <= 63 else { return false }
            return first != "-" && label.last != "-" && !first.isMark
                && label.allSatisfy { $0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "-" || $0.isMark }
        }
    }
}

/// A name to sign in with beside the address. It holds no `@`, so that it can never be taken for one.
public enum Username {
    public static let longest = 100

    /// Whether the form is right; what its letters look like to a reader is `UsernameLook`'s business.
    public static func isSane(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        guard (1...longest).contains(scalars.count), let first = scalars.first, first != " ", !first.isMark else { return false }
        return scalars.last != " " && scalars.allSatisfy { $0 == " " || !$0.isUnseen && $0 != "@" }
    }

    /// What somebody is called who gave none: the local part of their address.
    public static func from(email: String) -> String {
        let local = String(email.unicodeScalars.prefix { $0 != "@" })
        return isSane(local) ? local : "user"
    }
}

/// How long a password is. What it is made of is its owner's business.
public enum Password {
    public static let length = 8...256
}

/// A language tag (`en`, `pt-BR`) and a time zone's name (`Europe/Berlin`), by their form.
public enum Locale {
    public static func isSane(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return (2...35).contains(text.utf8.count)
            && parts.allSatisfy { part in (1...8).contains(part.utf8.count) && part.utf8.allSatisfy(\.isLetterOrDigit) }
    }
}

public enum TimeZone {
    public static func isSane(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.first?.isLetterOrDigit == true
            && text.utf8.allSatisfy { $0.isLetterOrDigit || "/_+-".utf8.contains($0) }
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        self >= 0x30 && self <= 0x39 || self | 0x20 >= 0x61 && self | 0x20 <= 0x7A
    }
}

extension Unicode.Scalar {
    /// Blanks, line ends, control and formatting characters, and what is no character at all: nothing that a reader would see.
    fileprivate var isUnseen: Bool {
        if value >= 0x80, properties.isDefaultIgnorableCodePoint { return true }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator, .spaceSeparator: return true
        default: return false
        }
    }

    fileprivate var isMark: Bool {
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark: true
        default: false
        }
    }
}
