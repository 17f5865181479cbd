internal import Codec
public import HTTP

/// `GET /health` and its kin: whether the server is up, alive, ready.
public struct HealthRoutes: Sendable {
    private let version: String
    private let uptime: @Sendable () -> Int
    private let readiness: ReadinessCheck
    private let operators: Operators

    public init(
        version: String, uptime: @escaping @Sendable () -> Int, readiness: ReadinessCheck, operators: Operators
    ) {
        self.version = version
        self.uptime = uptime
        self.readiness = readiness
        self.operators = operators
    }

    public func declare(in routes: inout Routes) {
        routes.on(.get, "/health", .open, "Says that the server is up, which version, and for how many seconds", gives: .ok(Health.self)) {
            _ in
            Health(status: "ok", version: version, uptime: uptime())
        }
        routes.on(.get, "/health/live", .open, "Says that the server answers; if not, restart it", gives: .ok(Alive.self)) { _ in Alive() }
        routes.on(
            .get, "/health/ready", .open, "Says whether the server can be of use; if not, send it no requests", gives: .ok(Ready.self)
        ) {
            call in
            let report = await readiness.report()
            let reasons = (call.request.isServerStopping ? ["The server is stopping"] : []) + report.faults
            guard reasons.isEmpty else { throw notReady(reasons, call.request) }
            let lacks = report.shortages
            return Ready(
                status: lacks.isEmpty ? "ok" : "degraded", reasons: lacks.isEmpty || !operators.include(call.request) ? nil : lacks)
        }
    }

    /// 503, which a balancer understands; why is only the operator's business.
    private func notReady(_ reasons: [String], _ request: Request) -> Refusal {
        var refusal = Refusal.unavailable("The server is not ready", retryAfter: 5)
        if operators.include(request) { refusal.details = [.init("reasons", .list(reasons.map { .text($0) }))] }
        return refusal
    }
}

struct Health: Shaped {
    var status = ""
    var version = ""
    var uptime = 0

    static let shape = Shape("Health", "How the server is", Health()) {
        Field("status", \.status, .text(1...16), "`ok`")
        Field("version", \.version, .text(1...32), "The server's version")
        Field("uptime", \.uptime, .integer(0...Int.max), "Seconds since it started")
    }
}

struct Alive: Shaped {
    var status = "ok"

    static let shape = Shape("Alive", "A sign of life", Alive()) {
        Field("status", \.status, .text(1...16), "`ok`")
    }
}

struct Ready: Shaped {
    var status = "ok"
    var reasons: [String]?

    static let shape = Shape("Ready", "Whether the server can be of use", Ready()) {
        Field("status", \.status, .text(1...16), "`ok`, or `degraded` when it works without something that it is set up to have")
        Field("reasons", \.reasons, Kind<[String]>.list(of: .text(1...200), atMost: 20).orAbsent, "What it lacks; told to operators only")
    }
}
