internal import HTTP
internal import Helpdesk

/// The Classic dialect: a small ticket system's addresses and words, over the same use cases as all else. A customer registers, signs in
/// and creates tickets; staff reply, and list a person's tickets. A ticket is `open` or `closed` to it, and nothing between.
public enum ClassicRoutes {
    /// As many rows as a list of it has at most: it knows no pages.
    static let mostItems = SliceRequest.mostBareItems

    /// - Parameter hasPublicTickets: whether everybody may list all tickets.
    public static func declare(in desk: inout DeskRoutes, _ limits: SignInLimits, hasPublicTickets: Bool) {
        desk.dialect { desk in
            declareAccounts(in: &desk, limits)
            declareTickets(in: &desk)
            declareReplies(in: &desk)
            declareLists(in: &desk, hasPublicTickets: hasPublicTickets)
        }
    }
}
