/// What a username looks like to a reader: whether its letters are of one alphabet, and whether it would be taken for somebody who speaks
/// for the desk.
///
/// It reads a name that is folded and taken apart (NFKD): small letters, each with its marks behind it, and nothing that only looks other.
public struct UsernameLook: Sendable {
    private let scalars: [Unicode.Scalar]

    public init(folded name: String) { scalars = Array(name.unicodeScalars) }

    /// Whether letters of two of the alphabets are in it whose letters look alike: Latin, Greek and Cyrillic. A name of any other
    /// alphabet may have Latin letters beside, as Japanese names do.
    public var mixesAlphabets: Bool {
        Set(scalars.lazy.compactMap { $0.alphabet }).count > 1
    }

    /// Whether a reader may take it for one of `Username.reserved`.
    public var looksReserved: Bool {
        Self.reserved.contains(skeleton(\.small)) || Self.reserved.contains(skeleton(\.capital))
    }

    private static let reserved = Set(Username.reserved.map { UsernameLook(folded: $0).skeleton(\.small) })

    /// What is left when letters that look alike are the same one: marks, blanks and punctuation are passed over.
    private func skeleton(_ look: KeyPath<LatinLook, Unicode.Scalar>) -> [Unicode.Scalar] {
        var skeleton: [Unicode.Scalar] = []
        for scalar in scalars {
            let latin = LatinLook.of[scalar].map { $0[keyPath: look] } ?? scalar
            switch latin {
            // Two letters that run into one another.
            case "m": skeleton += ["r", "n"]
            case "w": skeleton += ["v", "v"]
            case "0": skeleton.append("o")
            case "1", "i", "|": skeleton.append("l")
            case "5": skeleton.append("s")
            default: if latin.properties.isAlphabetic || latin.properties.numericType != nil { skeleton.append(latin) }
            }
        }
        return skeleton
    }
}

extension Username {
    /// Names for staff alone, since who has one seems to speak for the desk, and words that mean something where a username stands.
    static let reserved = [
        "admin", "admins", "administrator", "administration", "root", "system", "sysadmin", "superuser", "martlet", "support", "supports",
        "supportteam", "customersupport", "techsupport", "help", "helpdesk", "servicedesk", "staff", "agent", "agents", "moderator", "mod",
        "operator", "owner", "security", "abuse", "postmaster", "hostmaster", "webmaster", "noreply", "donotreply", "mailerdaemon",
        "me", "none", "null", "nobody", "everyone", "everybody", "all", "here", "anonymous", "deleteduser",
    ]
}

/// What a letter of another alphabet looks like in ours: as it is written small, and as a capital.
private struct LatinLook {
    let small: Unicode.Scalar
    let capital: Unicode.Scalar

    static let of: [Unicode.Scalar: LatinLook] = {
        var looks: [Unicode.Scalar: LatinLook] = [:]
        func add(_ letters: String, _ small: String, capitals: String? = nil) {
            let latin = zip(small.unicodeScalars, (capitals ?? small).unicodeScalars)
            for (letter, (small, capital)) in zip(letters.unicodeScalars, latin) {
                looks[letter] = LatinLook(small: small, capital: capital)
            }
        }
        // Greek.
        add("αβγεζηικμνοπρστυχω", "abyeznikuvonpotuxw", capitals: "abyezhikmnonpotyxw")
        // Cyrillic.
        add("авгеикмнопрстухѕіјһԁԛԝѵьҙӏ", "abreukmhonpctyxsijhdqwvb3l")
        // Armenian.
        add("օոսհզցյ", "onuhqgj")
        // Latin letters of other languages and of phonetics, and small capitals.
        add("ı\u{251}\u{261}\u{269}łøđħŧ", "iagilodht")
        add("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz")
        return looks
    }()
}

extension Unicode.Scalar {
    fileprivate enum Alphabet { case latin, greek, cyrillic }

    fileprivate var alphabet: Alphabet? {
        guard properties.isAlphabetic else { return nil }
        switch value {
        case 0x61...0x7A, 0xC0...0x24F, 0x250...0x2AF, 0x1D00...0x1D25, 0x1E00...0x1EFF, 0x2C60...0x2C7F, 0xA722...0xA7FF, 0xAB30...0xAB64:
            return .latin
        case 0x370...0x3FF, 0x1F00...0x1FFF: return .greek
        case 0x400...0x52F, 0x1C80...0x1C8F, 0xA640...0xA69F: return .cyrillic
        default: return nil
        }
    }
}
