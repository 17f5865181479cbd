public import HTTP
internal import Codec

/// `GET /health` and its kin: whether the server is up, alive, ready.
public struct HealthRoutes: Sendable {
    /// Why the server should get no requests now, one sentence each; none when it is ready.
    public typealias Readiness = @Sendable () async -> [String]

    private let version: String
    private let uptime: @Sendable () -> Int
    private let readiness: Readiness
    private let maySeeReasons: @Sendable (Request) -> Bool

    public init(
        version: String, uptime: @escaping @Sendable () -> Int, readiness: @escaping Readiness,
        maySeeReasons: @escaping @Sendable (Request) -> Bool
    ) {
        self.version = version
        self.uptime = uptime
        self.readiness = readiness
        self.maySeeReasons = maySeeReasons
    }

    public func declare(in routes: inout Routes) {
        routes.on(.get, "/health", .everyone, "Says that the server is up, which version, and for how many seconds", gives: .ok(Health.self)) { _ in
            Health(status: "ok", version: version, uptime: uptime())
        }
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
