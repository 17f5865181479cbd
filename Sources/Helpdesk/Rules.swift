/// The rules that whoever runs the desk may set.
public struct Rules: Sendable {
    /// How an agent is found for a new ticket.
    public enum Assignment: String, CaseIterable, Sendable {
        case off
        case roundRobin = "round_robin"
        case leastLoaded = "least_loaded"
        case random
    }

    /// What agents see.
    public enum AgentScope: String, CaseIterable, Sendable {
        case all, assigned
    }

    /// Days in which a closed ticket is opened again by its requester's reply; 0 = never.
    public var reopenDays = 14
    public var agentScope = AgentScope.all
    public var assignment = Assignment.off
    /// Seconds that an access token lives.
    public var accessLifetime = 900
    /// Days that a refresh token lives.
    public var refreshDays = 7
    /// MiB of files that one customer may have sent in all; 0 = any number.
    public var uploadQuotaMB = 1024
    /// Days after which events tell no more than that something happened; 0 = never.
    public var eventDays = 0
    /// Whether anybody may register as staff; for trying things out.
    public var allowsStaffRegistration = false
    /// Whether passwords may be as short as the demo's. Only the demo sets it.
    public var isDemo = false
    /// Milliseconds that a search may take.
    public var searchTimeout = 2000
    /// How many searches run at a time on this node. Each keeps a core busy, its own or the database's.
    public var searchesAtOnce = 2
    /// What every link that we give or mail begins with, without a slash at the end.
    public var publicURL = "http://127.0.0.1:3000"

    public init() {}
}
