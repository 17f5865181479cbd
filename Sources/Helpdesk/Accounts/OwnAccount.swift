public import Codec
public import Domain
internal import Storage

/// What somebody changes of their own account.
public struct OwnChange: Sendable {
    public var firstName: String?
    public var lastName: Change<String> = .absent
    public var locale: Change<String> = .absent
    public var timeZone: Change<String> = .absent
    public var isAvailable: Bool?

    public init() {}
}

extension Look {
    /// Who the caller is, in full.
    public func me(_ caller: Caller) async throws -> Person { try await db.person(caller.id) }
}

extension Work {
    /// Changes the caller's own account. Throws `.stale` when it has another revision than `expected`, `.forbidden` for what is the
    /// staff's, and `.invalid`.
    public func change(_ change: OwnChange, of caller: Caller, expecting expected: Int?) async throws -> Person {
        if change.isAvailable != nil, !caller.isStaff { throw DeskError.forbidden("Only staff are available or not") }
        try change.check()
        var person = try await db.person(caller.id, lock: true)
        if let expected, expected != person.revision { throw DeskError.stale }
        let changes = person.apply(change)
        if changes.isEmpty { return person }
        try await save(&person, changes, by: caller.party)
        return person
    }
}

extension OwnChange {
    fileprivate func check() throws(DeskError) {
        var faults: [InvalidField] = []
        if case .to(let locale) = locale, !Locale.isSane(locale) {
            faults.append(InvalidField("locale", "value_error", "A locale is a language tag, like en or pt-BR"))
        }
        if case .to(let zone) = timeZone, !TimeZone.isSane(zone) {
            faults.append(InvalidField("time_zone", "value_error", "A time zone is a name like Europe/Berlin"))
        }
        if !faults.isEmpty { throw .invalid(faults) }
    }
}

extension Person {
    /// Takes the changes on, and tells which there were.
    fileprivate mutating func apply(_ change: OwnChange) -> [FieldChange] {
        let old = self
        firstName = change.firstName ?? firstName
        lastName = change.lastName.applied(to: lastName) ?? ""
        if (firstName, lastName) != (old.firstName, old.lastName) { callByNames() }
        locale = change.locale.applied(to: locale)
        timeZone = change.timeZone.applied(to: timeZone)
        isAvailable = change.isAvailable ?? isAvailable
        var changes = FieldChanges()
        changes.note("first_name", old.firstName, firstName)
        changes.note("last_name", old.lastName, lastName)
        changes.note("name", old.name, name)
        changes.note("locale", old.locale, locale)
        changes.note("time_zone", old.timeZone, timeZone)
        changes.note("available", old.isAvailable, isAvailable)
        return changes.list
    }
}
