import API
import HTTP
import Loop

/// What the routes need of the running process.
struct Surroundings: Sendable {
    let log: LogWriter
    let blocking: BlockingPool
    /// When the process started, on both clocks.
    let began = MonotonicClock.now
    let beganAt = Double(MonotonicClock.wallMilliseconds) / 1000
}

/// All routes of the server.
func routes(_ settings: Settings, _ surroundings: Surroundings) -> Routes {
    let token = settings.metricsToken
    let operators = Operators { token?.matches($0) ?? false }
    var routes = Routes { access, request in
        // Nobody can sign in yet: the one credential that there is opens what is the operators', and is none elsewhere.
        guard access == .operators else { throw Refusal.unauthorized() }
        try operators.admit(request)
    }
    HealthRoutes(
        version: Version.number, uptime: { Int((MonotonicClock.now - surroundings.began) / 1_000_000_000) }, conditions: [],
        operators: operators
    ).declare(in: &routes)
    MetricsRoutes(figures: surroundings.figures).declare(in: &routes)
    DocsRoutes(.embedded).declare(in: &routes)
    // Last, so that it tells of all the others.
    routes.describe(at: ["/openapi.json", "/api/v1/openapi.json"], as: .martlet(at: settings.publicURL))
    return routes
}

extension Surroundings {
    /// Read on a thread that may block; on this one when all of those are busy, for it is then that an operator wants to look.
    @Sendable fileprivate func figures() async -> MetricsRoutes.Figures {
        let process = (try? await blocking.run { ProcessFigures() }) ?? ProcessFigures()
        return MetricsRoutes.Figures(
            version: Version.number, commit: Version.commit, startTime: beganAt, residentBytes: process.residentBytes,
            openDescriptors: process.openDescriptors, mostDescriptors: process.mostDescriptors,
            processorSeconds: process.processorSeconds, droppedLogLines: log.droppedLines)
    }
}

extension OpenAPIDocument.Info {
    fileprivate static func martlet(at url: PublicURL?) -> OpenAPIDocument.Info {
        OpenAPIDocument.Info(
            title: "Martlet", version: Version.number, summary: "Customer support in one program",
            description: """
                Bring a credential as `Authorization: Bearer …`; one that is no good is refused even where none is needed. Times are \
                RFC 3339 in UTC. A query parameter or body field that is not described here is refused with 400, so that a typo is not \
                ignored. Every answer has an `X-Request-Id`, which names the request in the server's log.
                """, address: url?.description)
    }
}
