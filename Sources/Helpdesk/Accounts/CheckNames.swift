internal import Codec
public import Domain

// What usernames and people's names are refused for, whichever way they come.

extension Username {
    /// Whether the form is right, and the letters are of one alphabet: what must hold for everybody's username.
    public static func isWellFormed(_ name: String) -> Bool {
        // An id in place of a name means the person whose id it is.
        guard isSane(name), UUID(name) == nil else { return false }
        let parts = name.folded(.parts)
        return parts.utf8.count < longestKey && !parts.utf8.contains(UInt8(ascii: "@")) && !UsernameLook(folded: parts).mixesAlphabets
    }

    /// Whether a reader would take it for somebody's who speaks for the desk, or for a word of ours.
    static func looksReserved(_ name: String) -> Bool { UsernameLook(folded: name.folded(.parts)).looksReserved }

    /// What somebody of that role is called who chose no username: the local part of their address, unless it may not be one.
    static func chosen(from email: String, for role: Role) -> String {
        let name = from(email: email)
        return InvalidField.username(name, for: role) == nil ? name : "user"
    }
}

extension InvalidField {
    /// What is wrong with what somebody is to be called: with the whole name, where they give that one, or with first and last name, each
    /// of which may be missing.
    static func names(first: String, last: String, full: String?) -> [InvalidField] {
        if let full { return [oneLine(full, at: "name", atMost: Person.longestFullName)].compactMap(\.self) }
        return [("first_name", first), ("last_name", last)].compactMap { location, name in
            name.isEmpty ? nil : oneLine(name, at: location, atMost: Person.longestName)
        }
    }

    public static let username = InvalidField(
        "username", "value_error",
        "A username has 1 to \(Username.longest) visible characters of one alphabet, no @ and no blank at its ends, and is no id")

    /// What is wrong with a username for somebody of that role; nil when nothing is.
    static func username(_ name: String, for role: Role) -> InvalidField? {
        if !Username.isWellFormed(name) { return .username }
        if role.isStaff || !Username.looksReserved(name) { return nil }
        return InvalidField("username", "username_reserved", "This username looks like one that is for the staff alone")
    }
}

extension Person {
    /// Calls them by their first and last name, and without either by what they sign in with.
    mutating func callByNames() {
        let fullName = [firstName, lastName].filter { !$0.isEmpty }.joined(separator: " ")
        name = fullName.isEmpty ? username ?? email.map(Username.from) ?? name : fullName
    }
}

extension String {
    /// A whole name as first and last name: parted at the first blank. Each ends where a name may be no longer, and is empty when there is
    /// nothing to see in it; the whole is kept beside them.
    var splitName: (first: String, last: String) {
        let parts = unicodeScalars.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        func name(_ part: Int) -> String {
            guard part < parts.count else { return "" }
            let name = String(String.UnicodeScalarView(parts[part].prefix(Person.longestName)))
            return OneLine.fault(in: name) == .blank ? "" : name
        }
        return (name(0), name(1))
    }
}
