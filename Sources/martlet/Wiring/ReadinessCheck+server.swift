import API
import HTTP
import Helpdesk
import Loop
import Storage

extension ReadinessCheck {
    /// All that must be so for this server to be of use, and what it can do without.
    convenience init(_ parts: Surroundings) {
        self.init(
            conditions: [
                parts.databaseAnswers, parts.databaseFaults, parts.hasThreads, parts.hasMemory, parts.canFollowLog,
                { await parts.files.fault().map { [$0] } ?? [] },
            ],
            comforts: [parts.databaseShortages, parts.logGoesOn, { await parts.bus?.fault().map { [$0] } ?? [] }])
    }
}

extension Surroundings {
    /// Seconds for which the event log may stand still before anybody is told: transactions take a moment.
    private static let logPatience = 5

    @Sendable fileprivate func databaseAnswers() async -> [String] {
        do {
            let steps = try await Migrator(Migrations.all, on: database).status()
            return steps.contains { $0.appliedAt == nil } ? ["The database's schema is older than this server: run `martlet migrate`"] : []
        } catch MigrationFault.databaseIsNewer {
            return ["The database belongs to a newer release than this server"]
        } catch {
            return ["The database does not answer"]
        }
    }

    @Sendable fileprivate func databaseFaults() async -> [String] { problems(.unusable) }

    @Sendable fileprivate func databaseShortages() async -> [String] { problems(.limited) }

    private func problems(_ effect: DatabaseProblem.Effect) -> [String] {
        database.problems.filter { $0.effect == effect }.map(\.sentence)
    }

    @Sendable fileprivate func hasThreads() async -> [String] {
        (blocking.isFull ? ["Too much waits for the threads of blocking work"] : [])
            + (disk.isFull ? ["Too much waits for the threads that read and write files"] : [])
    }

    @Sendable fileprivate func hasMemory() async -> [String] {
        memory.isShort ? ["Memory is short: new connections and bodies are refused"] : []
    }

    /// Other nodes may follow the log while this one, which has begun since, does not yet.
    @Sendable fileprivate func canFollowLog() async -> [String] {
        _ = try? await desk.endOfLog()
        guard !desk.followsLog, logAge >= Self.logPatience else { return [] }
        return ["Events cannot be followed here yet: a transaction of this database has been open since before the server started"]
    }

    @Sendable fileprivate func logGoesOn() async -> [String] {
        guard desk.followsLog, logAge >= Self.logPatience else { return [] }
        return ["The event log stands still: a transaction of this database stays open"]
    }

    private var logAge: Int { desk.logGapAge / 1000 }
}
