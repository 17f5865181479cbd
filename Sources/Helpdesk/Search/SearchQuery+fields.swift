internal import Codec
internal import Domain

extension SearchQuery {
    /// Of several values any will do, in one term or in several.
    mutating func ask(_ field: SearchField, _ values: [String]) throws(SearchFault) {
        switch field {
        case .status: filter.statuses += try field.words(values)
        case .priority: filter.priorities += try field.words(values)
        case .supportRole: filter.supportRoles += try field.words(values)
        case .tag: filter.tags += values
        case .category: filter.categories += values
        case .type: filter.types += values
        case .requester: requesters += values.map { SearchedPerson($0) }
        case .assignee:
            for value in values {
                if value.lowercased() == "none" { filter.assignees.append(.none) } else { assignees.append(SearchedPerson(value)) }
            }
        case .created, .updated: for value in values { try bound(field, value) }
        case .is: for value in values { try ask(is: value) }
        }
    }

    private mutating func ask(is value: String) throws(SearchFault) {
        switch value.lowercased() {
        case "unassigned": filter.assignees.append(.none)
        case "assigned": filter.isAssigned = true
        default:
            guard let status = Status(text: value) else { throw .noValue(.is, value) }
            filter.statuses.append(status)
        }
    }

    mutating func exclude(_ field: SearchField, _ values: [String]) throws(SearchFault) {
        switch field {
        case .status:
            let unwanted: [Status] = try field.words(values)
            filter.statuses = (filter.statuses.isEmpty ? Status.allCases : filter.statuses).filter { !unwanted.contains($0) }
            if filter.statuses.isEmpty { filter.isImpossible = true }
        case .priority:
            let unwanted: [Priority] = try field.words(values)
            filter.priorities = (filter.priorities.isEmpty ? Priority.allCases : filter.priorities).filter { !unwanted.contains($0) }
            if filter.priorities.isEmpty { filter.isImpossible = true }
        case .supportRole:
            let unwanted: [SupportRole] = try field.words(values)
            filter.supportRoles = (filter.supportRoles.isEmpty ? SupportRole.allCases : filter.supportRoles).filter {
                !unwanted.contains($0)
            }
            if filter.supportRoles.isEmpty { filter.isImpossible = true }
        case .tag: filter.except.tags += values
        case .category: filter.except.categories += values
        case .type: filter.except.types += values
        case .requester: exceptRequesters += values.map { SearchedPerson($0) }
        case .assignee:
            for value in values {
                if value.lowercased() == "none" { filter.isAssigned = true } else { exceptAssignees.append(SearchedPerson(value)) }
            }
        case .is:
            for value in values {
                switch value.lowercased() {
                case "unassigned": filter.isAssigned = true
                case "assigned": filter.assignees.append(.none)
                default: try exclude(.status, [value])
                }
            }
        case .created, .updated: throw .notExcluded(field)
        }
    }

    /// `>2025-01-01`, `<=2025-06-30T12:00:00Z`, `2025-01-01..2025-02-01`, `2025-01-01`. A day is that day in UTC, all of it.
    private mutating func bound(_ field: SearchField, _ value: String) throws(SearchFault) {
        var text = value[...]
        if let middle = text.range(ofDots: ()) {
            try narrow(
                field, from: span(field, text[..<middle.lowerBound], value).start, to: span(field, text[middle.upperBound...], value).end)
            return
        }
        let isAbove = text.first == ">"
        let isBelow = text.first == "<"
        if isAbove || isBelow { text.removeFirst() }
        let isIncluded = text.first == "="
        if isIncluded { text.removeFirst() }
        let span = try span(field, text, value)
        switch (isAbove, isBelow, isIncluded) {
        case (true, _, true): try narrow(field, from: span.start, to: nil)
        case (true, _, false): try narrow(field, from: span.end, to: nil)
        case (_, true, true): try narrow(field, from: nil, to: span.end)
        case (_, true, false): try narrow(field, from: nil, to: span.start)
        default: try narrow(field, from: span.start, to: span.end)
        }
    }

    /// A day or a moment: from `start` on, and before `end`.
    private func span(_ field: SearchField, _ text: Substring, _ value: String) throws(SearchFault) -> (start: Moment, end: Moment) {
        if let day = Timestamp("\(text)T00:00:00Z") {
            let start = Moment(Int(day.milliseconds))
            return (start, start.adding(days: 1))
        }
        guard let moment = Timestamp(text) else { throw .noValue(field, value) }
        return (Moment(Int(moment.milliseconds)), Moment(Int(moment.milliseconds) + 1))
    }

    /// `from` on, and before `to`.
    private mutating func narrow(_ field: SearchField, from: Moment?, to: Moment?) throws(SearchFault) {
        // What filters call "after" is exclusive.
        let after = from.map { Moment($0.milliseconds - 1) }
        if field == .created {
            filter.createdAfter = [filter.createdAfter, after].compactMap { $0 }.max()
            filter.createdBefore = [filter.createdBefore, to].compactMap { $0 }.min()
        } else {
            filter.updatedAfter = [filter.updatedAfter, after].compactMap { $0 }.max()
            filter.updatedBefore = [filter.updatedBefore, to].compactMap { $0 }.min()
        }
    }
}

extension SearchField {
    fileprivate func words<Item: Word>(_ values: [String]) throws(SearchFault) -> [Item] {
        var items: [Item] = []
        for value in values {
            guard let item = Item(text: value) else { throw .noValue(self, value) }
            items.append(item)
        }
        return items
    }

    /// What its values may be.
    var rule: String {
        switch self {
        case .status: "one of \(Status.allCases.map(\.rawValue).joined(separator: ", "))"
        case .priority: "one of \(Priority.allCases.map(\.rawValue).joined(separator: ", "))"
        case .supportRole: "one of \(SupportRole.allCases.map(\.rawValue).joined(separator: ", "))"
        case .is: "unassigned, assigned or a status"
        case .created, .updated:
            "a day like 2025-01-31 or a time like 2025-01-31T12:00:00Z, with >, >=, < or <= before it, or two with .. between"
        case .assignee: "me, none, an id or a name"
        case .requester: "me, an id, a name or an address"
        case .tag, .category, .type: "a text"
        }
    }
}

extension Substring {
    /// Where two dots stand.
    fileprivate func range(ofDots: Void) -> Range<Index>? {
        var at = startIndex
        while at < endIndex {
            let next = index(after: at)
            if next < endIndex, self[at] == ".", self[next] == "." { return at..<index(after: next) }
            at = next
        }
        return nil
    }
}
