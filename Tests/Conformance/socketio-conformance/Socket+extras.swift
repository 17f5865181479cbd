import Codec
import HTTP

// For our own tests: what no outside suite asks for.

extension SocketIO.Socket {
    /// Asks the client, and tells it what it answered.
    func askBack(_ arguments: [SocketIO.Value]) async {
        do throws(NoAnswer) {
            let answer = try await ask("question", .list(arguments), within: .milliseconds(300))
            emit("answered", with: answer)
        } catch {
            emit("unanswered")
        }
    }

    /// Sends so many events of so many bytes.
    func flood(_ arguments: [SocketIO.Value]) {
        guard arguments.count == 2, let count = arguments[0].int, let size = arguments[1].int else { return }
        let announcement = SocketIO.Announcement("drop", [.text(String(repeating: "x", count: size))], in: namespace)
        for _ in 0..<count { emit(announcement) }
    }
}
