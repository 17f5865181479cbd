internal import Glibc
internal import Loop
internal import Storage

/// A connection for each thread that reads, so that a reader never waits for another.
///
/// Threads that read are loops, which live as long as the server. A thread that ends leaves its connection behind until the database
/// is closed, or until a new thread gets the same number and uses it on.
final class Readers: Sendable {
    private struct Place {
        let thread: pthread_t
        let link: SQLiteLink
    }

    private let file: DatabaseFile
    private let places = Locked<[Place]>([])

    init(_ file: DatabaseFile) { self.file = file }

    /// The calling thread's connection, opened when it first reads.
    func own() throws(StorageFault) -> SQLiteLink {
        let thread = pthread_self()
        if let link = places.withLock({ places in Found(places.first { $0.thread == thread }?.link) }).link { return link }
        let found = Found(try SQLiteLink(file, .reader))
        places.withLock { $0.append(Place(thread: thread, link: found.link!)) }
        return found.link!
    }

    /// Not while anybody reads.
    func close() { places.withLock { $0 = [] } }

    /// Carries a link out of the lock.
    //
    // `@unchecked Sendable`: the link belongs to the thread that asks, and only that thread gets it.
    private struct Found: @unchecked Sendable {
        let link: SQLiteLink?

        init(_ link: SQLiteLink?) { self.link = link }
    }
}
