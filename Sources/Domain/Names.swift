// What may be an address, a username, a locale. Rules of form alone: whether mail arrives there, only mail can tell.

/// An e-mail address as people have one. Comments, quoted local parts and bare addresses of machines, which the standard allows, are
/// refused: nobody is reached that way, and each has been used to trick a reader.
public enum EmailAddress {
    public static let longest = 320

    /// One `@`, a local part and a host with a dot (or `localhost`), and no blank, control character or bracket in it.
    public static func isSane(_ text: String) -> Bool {
        guard text.utf8.count <= longest else { return false }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count) else { return false }
        guard text.unicodeScalars.allSatisfy({ !$0.isBlankOrControl && !"<>()[]\\,;:\"".unicodeScalars.contains($0) }) else { return false }
        return isSaneLocal(parts[0]) && isSaneHost(parts[1])
    }

    private static func isSaneLocal(_ local: Substring) -> Bool {
        !local.hasPrefix(".") && !local.hasSuffix(".") && !local.contains("..")
    }

    /// Labels of letters, digits and hyphens; letters of any script, as internationalised names have them.
    private static func isSaneHost(_ host: Substring) -> Bool {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard host.utf8.count <= 253, labels.count > 1 || host.lowercased() == "localhost" else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.unicodeScalars.allSatisfy {
                    $0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "-" || $0.isMark
                }
        }
    }
}

/// A name to sign in with beside the address. It holds no `@`, so that it can never be taken for one.
public enum Username {
    public static let longest = 100

    public static func isSane(_ text: String) -> Bool {
        guard (1...longest).contains(text.unicodeScalars.count), !text.contains("@") else { return false }
        return text.first != " " && text.last != " " && text.unicodeScalars.allSatisfy { $0 == " " || !$0.isBlankOrControl }
    }

    /// What somebody is called who gave none: the local part of their address.
    public static func from(email: String) -> String {
        let local = String(email.prefix { $0 != "@" })
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
    fileprivate var isBlankOrControl: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator, .spaceSeparator: true
        default: false
        }
    }

    fileprivate var isMark: Bool {
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark: true
        default: false
        }
    }
}
