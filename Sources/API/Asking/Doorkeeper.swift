internal import Codec
internal import Domain
public import HTTP
public import Helpdesk

/// Who may call what: the check that stands before every route but those that are open to whatever comes.
public struct Doorkeeper: Sendable {
    private let desk: Desk
    private let operators: Operators
    private let limiter: CallerLimits
    private let signIns: SignInLimits
    private let writes: WriteBudget
    private let credentials: CredentialCheck

    public init(
        _ desk: Desk, _ operators: Operators, _ limiter: CallerLimits, _ signIns: SignInLimits, _ writes: WriteBudget,
        _ credentials: CredentialCheck
    ) {
        self.desk = desk
        self.credentials = credentials
        self.operators = operators
        self.limiter = limiter
        self.signIns = signIns
        self.writes = writes
    }

    /// Finds out who asks, and throws a `Refusal` unless they may. A credential that is no good is refused everywhere.
    public func admit(_ access: Access, _ request: Request) async throws {
        if access == .operators { return try await admitOperator(request) }
        if access == .signingIn {
            try await signIns.count(networkOf: request)
            _ = try await identify(request)
            return
        }
        let caller = try await identify(request, mayBeBare: access == .signedInByToken)
        if !request.isAskedAgain { try await limiter.count(caller, request) }
        if let caller {
            try Self.check(caller, may: access, request.method)
        } else if access.needsCredential {
            throw Refusal.unauthorized()
        }
        if let caller, !request.isAskedAgain { try countChange(by: caller, request) }
    }

    /// Counts the rows of a change, and has its body and its answer counted when they are there.
    private func countChange(by caller: Caller, _ request: Request) throws {
        switch request.method {
        case .get, .head, .options: return
        default:
            guard let share = writes.share(of: caller) else { return }
            try share.came(WriteBudget.rows)
            request.byteCount = share
        }
    }

    /// The metrics token, this very machine, or an admin.
    private func admitOperator(_ request: Request) async throws {
        if operators.include(request), !request.has(.authorization) || operators.holdsToken(request) { return }
        guard request.has(.authorization), let caller = try await identify(request) else { throw Refusal.unauthorized() }
        guard caller.isAdmin, caller.mayRead else { throw Refusal.forbidden() }
    }

    private func identify(_ request: Request, mayBeBare: Bool = false) async throws -> Caller? {
        guard request.has(.authorization) else { return nil }
        if let caller = request.withBearer(orBare: mayBeBare, { desk.recentCaller(with: $0) }) ?? nil { return note(caller, request) }
        guard let credential = request.withBearer(orBare: mayBeBare, { [UInt8]($0) }) else { throw Refusal.unauthorized() }
        return note(try await credentials.caller(with: credential, from: request.networkText), request)
    }

    private func note(_ caller: Caller, _ request: Request) -> Caller {
        request.identity = caller
        request.caller = caller.label
        return caller
    }

    /// What an API key is for, and what a role may.
    private static func check(_ caller: Caller, may access: Access, _ method: Method) throws {
        let isReading = method == .get || method == .head
        if isReading { try caller.mustBeAllowedToRead() }
        let needed: Scope = access == .admin ? .admin : isReading ? .read : .write
        guard caller.mayUse(needed) else { throw DeskError.lacksScope(needed) }
        switch access {
        case .staff: guard caller.isStaff else { throw Refusal.forbidden() }
        case .admin: guard caller.isAdmin else { throw Refusal.forbidden() }
        default: break
        }
    }
}

extension Access {
    /// Everyone, as rarely as one signs in.
    public static let signingIn = Access("signing in", needsCredential: false)
    /// Anybody we know.
    public static let signedIn = Access("signed in", needsCredential: true)
    /// The same, where clients also send their token without the word `Bearer` before it.
    public static let signedInByToken = Access("signed in by token", needsCredential: true)
    /// Anybody we know, and browsers that ask without a credential, who get a page or are refused by the route itself.
    public static let signedInOrBrowser = Access("signed in", needsCredential: false)
    /// Agents and admins.
    public static let staff = Access("staff", needsCredential: true)
    /// Admins.
    public static let admin = Access("admin", needsCredential: true)
}
