internal import Glibc
internal import Loop
internal import Storage

/// A connection that reads, and on a loop the snapshot that its reads of one tick share.
struct Reader {
    let link: SQLiteLink
    let snapshot: TickSnapshot?
}

/// A connection for each thread that reads, so that a reader never waits for another.
///
/// Threads that read are loops, which live as long as the server. A thread that ends leaves its connection behind until the database
/// is closed, or until a new thread gets the same number and uses it on.
final class Readers: Sendable {
    private struct Place {
        let thread: pthread_t
        let reader: Reader
    }

    private let file: DatabaseFile
    private let loops: [EventLoop]
    private let commits: CommitCount
    private let places = Locked<[Place]>([])
    /// Opened and not used yet.
    private let spare = Locked<[SQLiteLink]>([])

    /// Opens a connection for each loop at once: later there may be no descriptor left for it.
    init(_ file: DatabaseFile, loops: [EventLoop], _ commits: CommitCount) throws(StorageFault) {
        self.file = file
        self.loops = loops
        self.commits = commits
        for _ in loops {
            let link = Spare(try SQLiteLink(file, .reader))
            spare.withLock { links in if let link = link.link { links.append(link) } }
        }
    }

    /// The calling thread's connection, from its first read on.
    func own() throws(StorageFault) -> Reader {
        if let reader = known() { return reader }
        let opened = spare.withLock({ Spare($0.popLast()) }).link
        let link = if let opened { opened } else { try SQLiteLink(file, .reader) }
        let loop = loops.first { $0.isCurrent }
        let found = Reader(link: link, snapshot: loop.map { TickSnapshot(link, on: $0, commits) })
        let kept = Found(found)
        places.withLock { places in
            if let reader = kept.reader { places.append(Place(thread: pthread_self(), reader: reader)) }
        }
        return found
    }

    /// The calling thread's connection, if it has read already.
    private func known() -> Reader? {
        let thread = pthread_self()
        return places.withLock { places in Found(places.first { $0.thread == thread }?.reader) }.reader
    }

    func releaseUnusedMemory() {
        for loop in loops { loop.submit { [self] in known()?.link.releaseUnusedMemory() } }
    }

    /// Not while anybody reads.
    func close() {
        places.withLock { $0 = [] }
        spare.withLock { $0 = [] }
    }

    /// Carries a connection in and out of the lock.
    //
    // `@unchecked Sendable`: nobody uses a spare connection before one thread has taken it out.
    private struct Spare: @unchecked Sendable {
        let link: SQLiteLink?

        init(_ link: SQLiteLink?) { self.link = link }
    }

    /// Carries a reader in and out of the lock.
    //
    // `@unchecked Sendable`: the reader belongs to the thread that asks, and only that thread gets it.
    private struct Found: @unchecked Sendable {
        let reader: Reader?

        init(_ reader: Reader?) { self.reader = reader }
    }
}
