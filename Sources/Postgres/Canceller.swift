internal import CPostgres

/// Stops what a session runs. A thread may wait long in it, and it may hit whatever the session runs by then.
//
// `@unchecked Sendable`: libpq copies into it what it needs, and says that it may be used on any thread.
final class Canceller: @unchecked Sendable {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { PQfreeCancel(handle) }

    /// Asks the server to stop, and waits until it has heard.
    func cancel() {
        var words = [CChar](repeating: 0, count: 256)
        PQcancel(handle, &words, Int32(words.count))
    }
}
