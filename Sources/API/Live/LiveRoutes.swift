internal import Domain
internal import HTTP
internal import Helpdesk

/// The Live dialect: `/api/v1/tickets`, for the clients of a ticket system whose people are vouched for by outside backends. Tickets are
/// `ACTIVE` or `CLOSED` to it, times are whole seconds, words are in upper case, and each route has a limit of its own.
public enum LiveRoutes {
    /// As many rows as a list of it has at most: it knows no pages.
    static let mostItems = SliceRequest.mostBareItems

    /// - Parameter counts: what all nodes count together; nil when each counts for itself.
    public static func declare(in desk: inout DeskRoutes, counts: SharedCounts?) {
        let limits = LiveLimits(of: desk.desk, shared: counts)
        desk.dialect { desk in
            declareTickets(in: &desk, limits)
            declareMessages(in: &desk, limits)
        }
    }
}
