internal import Loop
internal import Storage

/// The only writer of the file: a lane that commits in groups.
///
/// Bodies that wait together run one after another in one transaction, each in a savepoint, and their callers are answered when the
/// commit is on the disk. So the flush, which is most of what a write costs, is shared by as many as came while the last was under way.
///
/// Bodies are `async` and yet run through without a pause, for their connection never suspends: a task that is pumped
/// on the lane works through the group and is done when it comes back. If it is not, the body at hand has awaited something
/// else. That is a trap in a debug build; otherwise the body is rolled back, its caller told, and the rest goes on in a new task. When
/// the one left behind comes back (on the lane, so nothing runs beside it), it finds its turn over and touches nothing.
//
// `@unchecked Sendable`: `link` and `log` are touched on the lane only, after `init`.
final class Writer: @unchecked Sendable {
    // Where there are too few cores for all, what is asked goes before what is written: many share one commit, and lose little.
    private let lane = Lane(named: "sqlite-writer", niceness: 8)
    private let pump: Pump
    private let queue: LaneQueue
    private let file: DatabaseFile
    private let commits: CommitCount
    private var link: SQLiteLink?
    private var log: LogBound

    /// How many bodies one commit takes at most: beyond this the flush is a small part of each.
    private static let largestGroup = 128

    init(_ file: DatabaseFile, _ gate: ScanGate, _ commits: CommitCount) throws(StorageFault) {
        self.file = file
        self.commits = commits
        log = LogBound(gate)
        pump = Pump(on: lane)
        queue = LaneQueue(on: lane, bound: 8_192)
        do throws(StorageFault) {
            link = try SQLiteLink(file, .writer)
        } catch {
            lane.stop()
            throw error
        }
    }

    func add(_ errand: any AnyErrand) { queue.add(errand) { [self] in drain() } }

    /// Whether the next change would be refused.
    var isFull: Bool { queue.isFull }

    /// Moves the whole log into the main file and cuts it off; not while a read of long stands in the way.
    func emptyLog() async { await lane.run { [self] in link?.truncateLog() } }

    func releaseUnusedMemory() { lane.submit { [self] in link?.releaseUnusedMemory() } }

    func close() async {
        await queue.close()
        lane.stop()
        // The last connection that is closed moves the log into the main file.
        link = nil
        if file.options.isTemporary { file.remove() }
    }

    /// Ends the thread of a writer that has had nothing to do yet.
    func abandon() {
        lane.stop()
        link = nil
    }

    private func drain() {
        guard let link else { return }
        while case let errands = queue.take(Self.largestGroup), !errands.isEmpty {
            var groups = [errands]
            while !groups.isEmpty {
                let group = groups.removeFirst()
                if !group.isEmpty { groups += commit(Group(group, on: link, file, commits)) }
            }
            log.look(at: link) { [self] in lane.submit { [self] in log.empty(self.link) } }
        }
    }

    /// Runs a group and answers those whose fate is known. Returns, in groups, those who must run again, since the transaction was
    /// lost by the fault of another.
    private func commit(_ group: Group) -> [[any AnyErrand]] {
        do throws(StorageFault) {
            guard file.watch.isWhole else { throw .fileWasMoved }
            try group.link.say(.beginImmediate)
        } catch {
            group.fail(error)
            return []
        }
        var round = Round(from: 0)
        while round.next < group.errands.count && group.link.isInTransaction {
            let current = round
            pump.run { await group.work(current) }
            guard round.isInBody else { continue }
            if file.options.trapsAtStrays { assertionFailure("the body of a write awaited something other than its connection") }
            group.leaveBehind(round)
            round = Round(from: round.next + 1)
        }
        return group.finish(after: round)
    }
}
