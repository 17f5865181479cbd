internal import Codec
internal import Domain

/// Who is on a ticket, and so is told what happens there.
struct Circle: Sendable {
    var requester: Person.ID
    var assignee: Person.ID?
    var followers: [Person.ID] = []

    /// Those who work here.
    var staff: [Person.ID] { (assignee.map { [$0] } ?? []) + followers }
}

/// Why each person would be told of an event, the best reason first: whoever was named and also answered is told that they were named.
/// Whether they want to know, and may, is asked of each afterwards.
struct Told: Sendable {
    private(set) var reasons: [Person.ID: [Notification.Reason]] = [:]
    private(set) var order: [Person.ID] = []

    /// - Parameter mentioned: whom the comment names, found by what they are called.
    init(of event: Event, in circle: Circle, mentioned: [Person.ID]) {
        switch event.subject {
        case .comment(let comment): read(comment, event, circle, mentioned)
        case .ticket(let ticket): read(ticket, event, circle)
        case .article, .person, .notification, .erased: break
        }
    }

    private mutating func read(_ comment: Comment, _ event: Event, _ circle: Circle, _ mentioned: [Person.ID]) {
        for person in mentioned { note(.mentioned, person, event) }
        guard event.type == .commentCreated else { return }
        if comment.type == .public { note(.replied, circle.requester, event) }
        for person in circle.staff { note(.replied, person, event) }
    }

    private mutating func read(_ ticket: Ticket, _ event: Event, _ circle: Circle) {
        let fields = Set(event.changes.map(\.field))
        // Who has it no longer is not told that they got it.
        if fields.contains("assignee"), let assignee = ticket.assignee?.id, assignee == circle.assignee {
            note(.assigned, assignee, event)
        }
        if fields.contains("status"), event.type != .ticketCreated {
            for person in [circle.requester] + circle.staff { note(.statusChanged, person, event) }
        }
    }

    /// Nobody is told what they did themselves.
    private mutating func note(_ reason: Notification.Reason, _ person: Person.ID, _ event: Event) {
        guard person != event.actor?.id else { return }
        if reasons[person] == nil { order.append(person) }
        if reasons[person]?.contains(reason) != true { reasons[person, default: []].append(reason) }
    }
}

extension Event {
    /// Whether anybody could be told of it.
    var isWorthTelling: Bool {
        guard recipient == nil, !isTakenBack, let standing, !standing.isInBin else { return false }
        return switch type {
        case .commentCreated: true
        case .commentUpdated: !namedAnew.isEmpty
        case .ticketAssigned, .ticketStatusChanged, .ticketUpdated:
            changes.contains { $0.field == "assignee" || $0.field == "status" }
        default: false
        }
    }

    /// Whom a comment names that it did not name before.
    var namedAnew: [[String]] {
        guard case .comment(let comment) = subject, type == .commentCreated || type == .commentUpdated else { return [] }
        let names = Mentions.names(in: comment.content)
        guard type == .commentUpdated, !names.isEmpty else { return names }
        let before = changes.first { $0.field == "content" }?.from.string.map { Mentions.names(in: $0) } ?? []
        return names.filter { !before.contains($0) }
    }
}
