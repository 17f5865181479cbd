internal import Codec
internal import Domain

extension Ticket {
    /// What is other in `after`, field by field, as the log and the history tell it.
    func changes(to after: Ticket) -> [FieldChange] {
        var changes = FieldChanges()
        changes.note("title", title, after.title)
        changes.note("description", description, after.description)
        changes.note("status", status.rawValue, after.status.rawValue)
        changes.note("status_since", .moment(course.statusSince), .moment(after.course.statusSince))
        changes.note("priority", priority.rawValue, after.priority.rawValue)
        changes.note("category", category, after.category)
        changes.note("type", type, after.type)
        changes.note("tags", .list(tags.map { .text($0) }), .list(after.tags.map { .text($0) }))
        changes.note("requester", requester, after.requester)
        changes.note("assignee", assignee, after.assignee)
        changes.note("support_role", supportRole.rawValue, after.supportRole.rawValue)
        return changes.list
    }
}

extension EventType {
    /// What a change of a ticket is called: after what most wants to be known of it. All of it stands in the event's `changes`.
    init(of changes: [FieldChange]) {
        if changes.contains(where: { $0.field == "assignee" }) {
            self = .ticketAssigned
        } else if changes.contains(where: { $0.field == "status" }) {
            self = .ticketStatusChanged
        } else {
            self = .ticketUpdated
        }
    }
}
