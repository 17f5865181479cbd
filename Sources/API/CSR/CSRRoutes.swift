internal import HTTP
public import Helpdesk

/// The CSR dialect: a support desk's addresses and words under `/api/v1`, and its chat, over the same use cases as all else. People sign
/// up and open tickets, which go to the customer-support representatives (`csr`, our agents) in turn; both talk on a ticket's socket.
public enum CSRRoutes {
    /// As many rows as a list of it has at most: it passes over rows and knows no pages.
    static let mostItems = SliceRequest.mostBareItems

    /// - Parameters:
    ///   - limits: what is said on sockets counts as requests do.
    ///   - writes: what is said there is kept as what a request brings.
    ///   - assignsInTurn: whether new tickets go to agents in turn; if not, the desk's rules say how.
    public static func declare(
        in desk: inout DeskRoutes, _ signInLimits: SignInLimits, _ limits: CallerLimits, _ writes: WriteBudget,
        _ credentials: CredentialCheck, _ hub: Hub,
        assignsInTurn: Bool
    ) {
        desk.dialect { desk in
            declareAccounts(in: &desk, signInLimits)
            declareOwnTickets(in: &desk, assignsInTurn: assignsInTurn)
            declareStaffsTickets(in: &desk)
            declareChat(in: &desk, hub, limits, writes, credentials)
        }
    }
}
