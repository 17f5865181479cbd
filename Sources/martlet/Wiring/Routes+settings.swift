import API
import Codec
import HTTP
import Helpdesk
import Loop
import Storage

/// What the routes need of the running process.
struct Surroundings: Sendable {
    let log: LogWriter
    let blocking: BlockingPool
    /// The threads that read and write files.
    let disk: BlockingPool
    let desk: Desk
    let hub: Hub
    /// To the other nodes, if there may be some.
    let bus: RedisBus?
    /// Told of what fails behind a socket, where no request is there to answer.
    let report: @Sendable (any Error) -> Void
    let database: any Database
    let files: DeskFiles
    let memory: MemoryGuard
    /// When the process started, on both clocks.
    let began = MonotonicClock.now
    let beganAt = Double(MonotonicClock.wallMilliseconds) / 1000
}

/// All routes of the server.
func routes(_ settings: Settings, _ surroundings: Surroundings, _ readiness: ReadinessCheck) -> Routes {
    let token = settings.metricsToken
    let operators = Operators { token?.matches($0) ?? false }
    let shared = surroundings.bus?.counts
    let now: @Sendable () -> Int = { Int(MonotonicClock.wallMilliseconds) }
    let limits = CallerLimits(perMinute: settings.desk.rateLimit, shared: shared, now: now)
    let signInLimits = SignInLimits(perMinute: settings.desk.authRateLimit, of: surroundings.desk, shared: shared, now: now)
    let writes = WriteBudget(megabytes: settings.desk.writeBudgetMB, now: now)
    let credentials = CredentialCheck(surroundings.desk, signInsPerMinute: settings.desk.authRateLimit, now: now)
    let doorkeeper = Doorkeeper(surroundings.desk, operators, limits, signInLimits, writes, credentials)
    var routes = Routes { access, request in try await doorkeeper.admit(access, request) }
    HealthRoutes(
        version: Version.number, uptime: { Int((MonotonicClock.now - surroundings.began) / 1_000_000_000) },
        readiness: readiness, operators: operators
    ).declare(in: &routes)
    MetricsRoutes(figures: surroundings.figures).declare(in: &routes)
    DocsRoutes(.embedded).declare(in: &routes)
    SignInRoutes.declare(in: &routes, of: surroundings.desk, signInLimits)
    MailedLinkRoutes.declare(in: &routes, of: surroundings.desk, signInLimits)
    LinkPageRoutes.declare(in: &routes, of: surroundings.desk, signInLimits)
    HelpRoutes.declare(in: &routes, of: surroundings.desk)
    var desk = DeskRoutes(routes, surroundings.desk)
    desk.routes.parameter("ticket", .text(1...36), "A ticket, by id or number")
    desk.routes.parameter("user", .text(1...36), "Somebody, by id; `me` for oneself where it is said")
    TicketRoutes.declare(in: &desk)
    TicketListRoutes.declare(in: &desk)
    BulkRoutes.declare(in: &desk)
    SearchRoutes.declare(in: &desk)
    EventRoutes.declare(in: &desk)
    EventStreamRoutes.declare(in: &desk, surroundings.hub)
    DeskSocketRoutes.declare(in: &desk, surroundings.hub, limits, credentials, patience: .milliseconds(settings.headerTimeoutMs))
    CommentRoutes.declare(in: &desk)
    AttachmentRoutes.declare(in: &desk, surroundings.files.store, upTo: settings.desk.mostUploadMB << 20)
    HistoryRoutes.declare(in: &desk)
    FollowerRoutes.declare(in: &desk)
    NotificationRoutes.declare(in: &desk)
    EmbedRoutes.declare(in: &desk)
    ArticleRoutes.declare(in: &desk)
    EmailTemplateRoutes.declare(in: &desk)
    UserRoutes.declare(in: &desk)
    APIKeyRoutes.declare(in: &desk)
    SecondFactorRoutes.declare(in: &desk, signInLimits)
    OwnAccountRoutes.declare(in: &desk, signInLimits)
    ClassicRoutes.declare(in: &desk, signInLimits, hasPublicTickets: settings.desk.hasPublicTickets)
    CSRRoutes.declare(
        in: &desk, signInLimits, limits, writes, credentials, surroundings.hub, assignsInTurn: !settings.desk.saysAssignment)
    LiveRoutes.declare(in: &desk, counts: shared)
    LiveSocketRoutes.declare(
        in: &desk, surroundings.hub, limits, credentials, node: surroundings.desk.nodes.name, report: surroundings.report)
    routes = desk.routes
    // Last, so that it tells of all the others.
    routes.describe(at: ["/openapi.json", "/api/v1/openapi.json"], as: .martlet(at: settings.publicURL))
    return routes
}

extension Surroundings {
    /// Read on a thread that may block; on this one when all of those are busy, for it is then that an operator wants to look.
    @Sendable fileprivate func figures() async -> MetricsRoutes.Figures {
        let process = (try? await blocking.run { ProcessFigures() }) ?? ProcessFigures()
        // A gap that nobody has looked at since it closed is none.
        _ = try? await desk.endOfLog()
        return MetricsRoutes.Figures(
            version: Version.number, commit: Version.commit, startTime: beganAt, residentBytes: process.residentBytes,
            openDescriptors: process.openDescriptors, mostDescriptors: process.mostDescriptors,
            processorSeconds: process.processorSeconds, droppedLogLines: log.droppedLines, eventGapSeconds: Double(desk.logGapAge) / 1000,
            memoryLimitBytes: memory.limit, isShortOfMemory: memory.isShort, timesShortOfMemory: memory.timesShort)
    }
}

extension OpenAPIDocument.Info {
    fileprivate static func martlet(at url: PublicURL?) -> OpenAPIDocument.Info {
        OpenAPIDocument.Info(
            title: "Martlet", version: Version.number, summary: "Customer support in one program",
            description: """
                Bring a credential as `Authorization: Bearer …`; one that is no good is refused even where none is needed. Times are \
                RFC 3339 in UTC. A query parameter or body field that is not described here is refused with 400, so that a typo is not \
                ignored; a list in a query that is empty is no list. Texts hold no NUL. An API key without the scope `read` is answered \
                without a body where it changes something: 204 in place of 200, and 201 with `Location` alone. Every answer has an \
                `X-Request-Id`, which names the request in the server's log.
                """, address: url?.description)
    }
}
