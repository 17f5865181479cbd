import Glibc
import Testing

/// A server that one test has for itself, to stop and to start: `Scripts/postgres.sh` makes it.
struct OwnServer: Sendable {
    let url: String
    private let folder: String

    init(_ name: String) throws {
        folder = "/tmp/martlet-postgres-\(name)-\(getpid())"
        url = try Self.script("start", folder)
    }

    func pause() throws { _ = try Self.script("pause", folder) }
    func resume() throws { _ = try Self.script("resume", folder) }
    func remove() { _ = try? Self.script("stop", folder) }

    /// What the script prints. It blocks the thread, which must not be a loop.
    private static func script(_ verb: String, _ folder: String) throws -> String {
        let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
        let stream = try #require(popen("\(root)/Scripts/postgres.sh \(verb) \(folder)", "r"))
        var line = [CChar](repeating: 0, count: 512)
        let text = fgets(&line, Int32(line.count), stream).map { String(cString: $0) } ?? ""
        let status = pclose(stream)
        try #require(status == 0, "Scripts/postgres.sh \(verb) failed")
        return String(text.prefix { $0 != "\n" })
    }
}
