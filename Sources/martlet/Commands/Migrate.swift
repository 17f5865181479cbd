import Codec
import Glibc
import Helpdesk
import Loop
import Storage

/// What `martlet migrate` may do.
enum MigrateAction: Equatable {
    case status
    case up
    case create(name: String)
}

extension Command {
    static func migrate(_ arguments: [String]) throws(UsageError) -> Command {
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case "status": return .migrate(.status, flags: try flags(rest, of: .migrate))
        case "up": return .migrate(.up, flags: try flags(rest, of: .migrate))
        case "create":
            guard let name = rest.first else { throw UsageError(sentence: "Say what the new step is called.", about: .migrate) }
            if rest.count > 1 { throw .unexpected(rest[1], .migrate) }
            guard isStepName(name) else {
                throw UsageError(
                    sentence: "A step's name begins with a letter and has lower-case letters, digits and _ only.", about: .migrate)
            }
            return .migrate(.create(name: name), flags: [:])
        default: return .migrate(.up, flags: try flags(arguments, of: .migrate))
        }
    }

    private static func isStepName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first), name.utf8.count <= 50 else {
            return false
        }
        return name.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789_".utf8.contains($0) }
    }
}

extension MigrateAction {
    /// Says how the schema stands, or brings it up to date. Gives what to print.
    func run(_ settings: DeskSettings) throws -> String {
        try withDatabase(settings) { database, _ in
            let migrator = Migrator(Migrations.all, on: database)
            if self == .status {
                return columns(
                    try await migrator.status().map { step in
                        [step.name, step.appliedAt.map { Timestamp(milliseconds: Int64($0)).description } ?? "missing"]
                    })
            }
            let names = try await migrator.run(now: wallClock)
            return names.isEmpty ? "The database is up to date.\n" : names.map { "\($0): done\n" }.joined()
        }
    }

    /// Makes the file of a new step beside the others, numbered after the last. Gives what to print.
    static func create(_ name: String) throws -> String {
        let folder = "Sources/Helpdesk/Migrations"
        guard access(folder, W_OK) == 0 else {
            throw OpenDatabase.Fault(description: "There is no \(folder) here: run this at the top of a source tree.")
        }
        let number = String(Migrations.all.count + 1)
        let step = "m\(String(repeating: "0", count: max(0, 3 - number.count)))\(number)_\(name)"
        let path = "\(folder)/\(step).swift"
        let words = name.split(separator: "_")
        let member = words.prefix(1).joined() + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        let text = """
            internal import Storage

            extension Migration {
                /// What this step is for.
                static let \(member) = Migration(
                    "\(step)",
                    #\"""
                    \"""#)
            }

            """
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw OpenDatabase.Fault(description: "\(path) cannot be made: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        guard Array(text.utf8).withUnsafeBytes({ writeAll($0, to: descriptor) }) else {
            throw OpenDatabase.Fault(description: "\(path) cannot be written")
        }
        return "\(path): write it, and add .\(member) to Migrations.all\n"
    }
}
