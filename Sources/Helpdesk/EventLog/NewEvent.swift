internal import Codec
internal import Domain
internal import Storage

/// An event that is about to be written: what happened, and the thing as it is now.
struct NewEvent {
    let type: EventType
    let actor: Party?
    let ticket: Ticket.ID?
    let object: UInt128
    /// Whether only staff may know of it.
    let isPrivate: Bool
    /// The only one who may know of it; nil for all who may see it.
    var recipient: Person.ID?
    /// The thing after the change, as its snapshot tells it.
    let data: [UInt8]
    let changes: [FieldChange]

    /// The long text that was changed, as it was before.
    fileprivate var oldText: String? { changes.first { $0.isOfLongText }?.from.string }
}

extension Work {
    /// Notes that something happened to a ticket.
    func record(_ type: EventType, _ ticket: Ticket, by actor: Party?, isPrivate: Bool = false, _ changes: [FieldChange] = []) {
        events.append(
            NewEvent(
                type: type, actor: actor, ticket: ticket.id, object: ticket.id.bits, isPrivate: isPrivate,
                data: JSON.bytes(of: TicketSnapshot(ticket)), changes: changes))
    }

    /// Notes that something happened to a comment.
    func record(_ type: EventType, _ comment: Comment, by actor: Party?, _ changes: [FieldChange] = []) {
        events.append(
            NewEvent(
                type: type, actor: actor, ticket: comment.ticket, object: comment.id.bits, isPrivate: comment.type == .private,
                data: JSON.bytes(of: CommentSnapshot(comment)), changes: changes))
    }

    /// Notes that something happened to an article. What happens to a draft is the staff's.
    func record(_ type: EventType, _ article: Article, by actor: Party?, _ changes: [FieldChange] = []) {
        changesHelp = true
        events.append(
            NewEvent(
                type: type, actor: actor, ticket: nil, object: article.id.bits, isPrivate: !article.isPublished,
                data: JSON.bytes(of: ArticleSnapshot(article)), changes: changes))
    }

    /// Notes that something happened to a person. Such events are the staff's.
    func record(_ type: EventType, _ person: Person, by actor: Party?, _ changes: [FieldChange] = []) {
        events.append(
            NewEvent(
                type: type, actor: actor, ticket: nil, object: person.id.bits, isPrivate: true,
                data: JSON.bytes(of: PersonSnapshot(id: person.id)), changes: changes))
    }

    /// Notes that somebody was told of something. It goes away with the comment that it tells of.
    func record(_ notification: Notification, to person: Person.ID, isPrivate: Bool) {
        events.append(
            NewEvent(
                type: .notificationCreated, actor: notification.actor, ticket: notification.ticket.id,
                object: notification.comment?.bits ?? notification.id.bits, isPrivate: isPrivate, recipient: person,
                data: JSON.bytes(of: NotificationSnapshot(notification)), changes: []))
    }

    /// How many rows a statement writes at most.
    static let mostRows = 128

    /// Writes what was noted, in order. The last statement of a transaction, which is committed with it. Says whether there was anything.
    func recordEvents() async throws -> Bool {
        guard !events.isEmpty else { return false }
        try await db.settleSearch()
        let parts = events.inParts(ofAtMost: Self.mostRows)
        for part in parts.dropLast() { try await db.run(insertion(of: part)) }
        try await db.runLast(insertion(of: parts[parts.count - 1]))
        return true
    }

    /// The statement that writes all that was noted.
    var insertion: SQL { insertion(of: events[...]) }

    private func insertion(of events: ArraySlice<NewEvent>) -> SQL {
        let rows = events.map { event in
            """
            (\(outside.newID()), \(event.type.rawValue), \(now), \(event.actor?.id), \(event.ticket), \
            \(event.object), \(event.isPrivate), \(String(decoding: event.data, as: UTF8.self)), \(FieldChange.stored(event.changes)), \
            \(event.oldText), \(event.recipient))
            """ as SQL
        }
        return """
            INSERT INTO events (id, type, at, actor_id, ticket_id, object_id, is_private, data, changes, old_text, recipient_id)
            VALUES \(rows.joined(by: ", "))
            """
    }
}
