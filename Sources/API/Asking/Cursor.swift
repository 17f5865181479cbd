internal import Codec
internal import HTTP
internal import Helpdesk

/// A list that is read in pages, by name: the pattern of its route. A cursor is good for the list that it was given for, however a
/// client spells the address: with a ticket's id or its number, with a slash at the end or without.
struct ListName: Sendable {
    let pattern: String

    static let comments = ListName(pattern: "/tickets/{ticket}/comments")
    static let history = ListName(pattern: "/tickets/{ticket}/history")
    static let foundTickets = ListName(pattern: "/search/tickets")
    static let foundArticles = ListName(pattern: "/search/articles")

    /// Whether each of its owners has one of their own: the ticket, article or person that its address names.
    var hasOwner: Bool { pattern.utf8.contains(UInt8(ascii: "{")) }
}

extension PagedQuery {
    /// What is asked for, whatever the page: the same bytes on every node.
    private func question(_ list: ListName) -> [UInt8] { Array(list.pattern.utf8) + [0] + JSON.bytes(of: self.list) }

    /// The slice that is asked for. Throws 400 for a cursor that is none of this list's; whose list it is shows when the list was read.
    func slice(of list: ListName, at desk: Desk) throws -> SliceRequest {
        var slice = SliceRequest()
        (slice.limit, slice.offset, slice.isCounted) = (paging.limit, paging.offset, paging.isCounted)
        slice.bytes = bytes
        guard let cursor = paging.cursor else { return slice }
        guard let place = desk.cursors.read(cursor, of: question(list)) else { throw Refusal.foreignCursor }
        guard slice.offset == 0 else {
            throw Refusal.invalid(Faults(Fault("cursor", "A cursor says where the page begins, so it takes no offset", at: "offset")))
        }
        (slice.after, slice.owner) = place
        return slice
    }

    /// The cursor for what follows a slice; nil on the last.
    func cursor<Item>(after slice: Slice<Item>, of list: ListName, at key: CursorKey) -> String? {
        assert(!list.hasOwner || slice.owner != nil, "\(list.pattern) must say whose list it is")
        return slice.next.map { key.text($0, owner: slice.owner, of: question(list)) }
    }
}

extension SliceRequest {
    /// Throws 400 when its cursor was given for a list of somebody else.
    func mustBe<Item>(of slice: Slice<Item>) throws {
        if after != nil, owner != slice.owner { throw Refusal.foreignCursor }
    }
}

extension Refusal {
    fileprivate static var foreignCursor: Refusal { .invalid(Faults(Fault("cursor", "This is no cursor of this list", at: "cursor"))) }
}
