import API
import HTTP
import Loop

/// All routes of the server.
func routes(_ settings: Settings) -> Routes {
    // Nobody can sign in yet: no route asks for a credential, and whoever brings one has none of ours.
    var routes = Routes { _, _ in throw Refusal.unauthorized() }
    let began = MonotonicClock.now
    HealthRoutes(
        version: Version.number, uptime: { Int((MonotonicClock.now - began) / 1_000_000_000) }, readiness: { [] },
        maySeeReasons: { $0.isLocal }
    ).declare(in: &routes)
    return routes
}
