internal import Loop
internal import Storage
internal import Synchronization

/// The moment that all reads of one tick of a loop see, unless this process has committed something since.
///
/// To begin and to end a read costs SQLite a few system calls, a good part of a look-up by key. A loop that answers many requests in a
/// tick pays for them once. Whoever was told that a change is made sees it in every read that begins afterwards, on any connection: the
/// count of commits says when a snapshot is too old, and it goes up before anybody is told.
//
// `@unchecked Sendable`: touched by its loop's thread only.
final class TickSnapshot: Flushable, @unchecked Sendable {
    private let loop: EventLoop
    private let link: SQLiteLink
    private let commits: CommitCount
    private var isOpen = false
    private var willFlush = false
    private var seen = 0

    init(_ link: SQLiteLink, on loop: EventLoop, _ commits: CommitCount) {
        self.link = link
        self.loop = loop
        self.commits = commits
    }

    /// Makes sure that what is read next is no older than now. When SQLite refuses, each statement is a transaction of its own, as ever.
    func open() {
        let now = commits.value
        if isOpen && seen == now { return }
        close()
        do throws(StorageFault) { try link.say(.begin) } catch { return }
        (isOpen, seen) = (true, now)
        guard !willFlush else { return }
        willFlush = true
        loop.flushAtEndOfTick(self)
    }

    func flush() {
        willFlush = false
        close()
    }

    private func close() {
        guard isOpen else { return }
        isOpen = false
        // A transaction that only read has nothing that could fail to be kept.
        link.rollBack()
    }
}

/// How many groups this process has committed.
final class CommitCount: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .acquiring) }
    func add() { count.add(1, ordering: .acquiringAndReleasing) }
}
