public import Domain
internal import Codec
public import Storage

/// The help desk: a database, the rules, and what comes from outside. Faces ask it; the use cases are methods of `Look` and `Work`.
///
///     let ticket = try await desk.write { work in try await work.open(draft, as: caller) }
///
/// What a use case refuses is a `DeskError`. A `StorageFault` passes through.
public final class Desk: Sendable {
    public let rules: Rules
    public let outside: Outside
    let database: any Database
    let tokens: OwnTokens
    let delegated: DelegatedTokens?
    let secondFactorKeys: SecondFactorKeys
    let sealedMail: SealedSecrets
    let attachmentLinks: AttachmentLinks
    /// What the cursors of lists are signed with.
    public let cursors: CursorKey
    let callers: KnownCallers
    let keyUses = KeyUses()
    let views = ArticleViews()
    let anonymousVotes: AnonymousVotes
    let shelves = HelpShelves()
    let rendered = RenderedArticles()
    /// Rings when events have been written on this node.
    public let bell = LogBell()
    let tail = LogTail()
    let searches: SearchGate
    /// Other machines that serve this desk.
    public let nodes: OtherNodes

    /// - Parameters:
    ///   - secret: what our own tokens are signed with.
    ///   - previousSecrets: what they may be signed with as well, while one secret takes the place of another.
    ///   - delegated: whose tokens count beside our own; nil for nobody's.
    public init(
        _ database: any Database, _ rules: Rules, _ outside: Outside, secret: [UInt8], previousSecrets: [[UInt8]] = [],
        delegated: DelegatedTokens? = nil
    ) throws {
        self.database = database
        self.rules = rules
        self.outside = outside
        tokens = try OwnTokens(secret: secret, previous: previousSecrets)
        self.delegated = delegated
        secondFactorKeys = SecondFactorKeys(secret: secret, previous: previousSecrets)
        sealedMail = SealedSecrets("mail", secret: secret, previous: previousSecrets)
        attachmentLinks = AttachmentLinks(secret: secret, previous: previousSecrets, publicURL: rules.publicURL)
        cursors = CursorKey(secret: secret, previous: previousSecrets)
        anonymousVotes = AnonymousVotes(secret: secret)
        callers = KnownCallers()
        searches = SearchGate(most: rules.searchesAtOnce)
        nodes = OtherNodes(name: Hex.encode(outside.random(8)))
    }

    /// Asks a few short questions.
    /// - Parameter asker: whose questions they are. There is no default, so that no route forgets it: see `Asker`.
    public func read<Result: Sendable>(
        for asker: Asker, _ body: @escaping @Sendable (Look) async throws -> Result
    ) async throws -> Result {
        let now = outside.now()
        return try await database.read(for: asker.owner) { db in try await body(Look(db, self, at: now)) }
    }

    /// Asks what takes long, such as a report or an export; where it holds up nobody.
    public func survey<Result: Sendable>(
        for asker: Asker, _ body: @escaping @Sendable (Look) async throws -> Result
    ) async throws -> Result {
        let now = outside.now()
        return try await database.scan(within: nil, for: asker.owner) { db in try await body(Look(db, self, at: now)) }
    }

    /// The server's own questions.
    func read<Result: Sendable>(_ body: @escaping @Sendable (Look) async throws -> Result) async throws -> Result {
        try await read(for: .server, body)
    }

    /// Changes things, all of it or nothing, together with the events that tell of it. The body may run more than once, and touches
    /// nothing but `work`.
    @discardableResult
    public func write<Result: Sendable>(_ body: @escaping @Sendable (Work) async throws -> Result) async throws -> Result {
        let now = outside.now()
        let (result, changesCallers, changesHelp, hasNews) = try await database.write { db in
            let work = Work(db, self, at: now)
            let result = try await body(work)
            let hasNews = try await work.recordEvents()
            return (result, work.changesCallers, work.changesHelp, hasNews)
        }
        if changesCallers {
            callers.forget()
            nodes.tell(.callers)
        }
        if changesHelp { shelves.forget() }
        if hasNews {
            bell.ring()
            nodes.tell(.news)
        }
        return result
    }
}

/// What questions are asked of. Good inside the body it was given to, and nowhere else.
public struct Look {
    let db: Connection
    let desk: Desk
    /// The moment at which all of it happens.
    public let now: Moment

    init(_ db: Connection, _ desk: Desk, at now: Moment) {
        self.db = db
        self.desk = desk
        self.now = now
    }
}

/// A transaction of the desk: what use cases change things with. Good inside the body it was given to, and nowhere else.
///
/// Events are gathered while the body runs and written by its last statement: in PostgreSQL a row's `seq` must be drawn when the rows
/// that it tells of are locked, or two changes of one ticket could stand in the log the wrong way round.
public final class Work {
    let db: Connection
    let desk: Desk
    /// The moment at which all of it happens.
    public let now: Moment
    var events: [NewEvent] = []
    /// Whether somebody's role, sign-in or standing changes with this.
    var changesCallers = false
    /// Whether what the help pages list changes with this.
    var changesHelp = false
    /// How people's loads change, while that is gathered to be written at the end; nil when it is written at once.
    var loads: [Person.ID: Int]?

    init(_ db: Connection, _ desk: Desk, at now: Moment) {
        self.db = db
        self.desk = desk
        self.now = now
    }

    /// The same transaction, to ask questions of.
    public var look: Look { Look(db, desk, at: now) }
    var rules: Rules { desk.rules }
    var outside: Outside { desk.outside }
}
