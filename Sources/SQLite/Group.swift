internal import Storage

/// How far a task has come in a group. The writer looks at it when the task has come back.
//
// `@unchecked Sendable`: touched on the writer's lane only.
final class Round: @unchecked Sendable {
    /// Which errand is at hand, or comes next.
    var next: Int
    var isInBody = false
    /// The writer has gone on without this task.
    var isOver = false

    init(from first: Int) { next = first }
}

/// Errands that are committed together.
//
// `@unchecked Sendable`: touched on the writer's lane only.
final class Group: @unchecked Sendable {
    let errands: [any AnyErrand]
    let link: SQLiteLink
    /// One alone needs no savepoint: its rollback is the transaction's.
    private let hasSavepoints: Bool
    private let file: DatabaseFile
    private let commits: CommitCount
    /// Those that lost the transaction for everybody, and have been told.
    private var culprit: Int?

    init(_ errands: [any AnyErrand], on link: SQLiteLink, _ file: DatabaseFile, _ commits: CommitCount) {
        self.file = file
        self.commits = commits
        self.errands = errands
        self.link = link
        hasSavepoints = errands.count > 1
    }

    /// Runs one body after another until the group is done or the transaction lost.
    func work(_ round: Round) async {
        while round.next < errands.count && link.isInTransaction {
            let errand = errands[round.next]
            if let fault = open() {
                lose(round.next, to: fault)
                return
            }
            let turn = link.begin()
            round.isInBody = true
            let isDone = await errand.run(Connection(link))
            if round.isOver { return }
            round.isInBody = false
            let ending = link.end(turn)
            settle(errand, round.next, isDone: isDone, ending)
            round.next += 1
        }
    }

    /// Takes the errand at hand from a task that is waiting for something else.
    func leaveBehind(_ round: Round) {
        round.isOver = true
        round.isInBody = false
        link.abandon()
        let fault = StorageFault.broken("a body awaited something other than its connection")
        errands[round.next].fail(fault)
        undo(round.next, because: fault)
    }

    private func open() -> StorageFault? {
        guard hasSavepoints else { return nil }
        do throws(StorageFault) {
            try link.say(.savepoint)
            return nil
        } catch {
            return error
        }
    }

    /// Keeps what a body did, or undoes it.
    private func settle(_ errand: any AnyErrand, _ index: Int, isDone: Bool, _ ending: SQLiteLink.Ending) {
        switch ending {
        case .sound where isDone && link.isInTransaction:
            guard hasSavepoints else { return }
            do throws(StorageFault) { try link.say(.release) } catch { lose(index, to: error) }
        case .sound:
            undo(index, because: .broken("a body ended its transaction"))
        case .stopped:
            errand.fail(link.fault ?? .timeout)
            undo(index, because: .timeout)
        case .failed(let fault):
            if isDone { errand.fail(fault) }
            undo(index, because: fault)
        }
    }

    private func undo(_ index: Int, because fault: StorageFault) {
        guard link.isInTransaction else { return lose(index, to: fault) }
        guard hasSavepoints else { return link.rollBack() }
        do throws(StorageFault) {
            try link.say(.rollbackToSavepoint)
            try link.say(.release)
        } catch {
            lose(index, to: error)
        }
    }

    /// The transaction is gone, and what the others did with it.
    private func lose(_ index: Int, to fault: StorageFault) {
        culprit = index
        errands[index].fail(fault)
        link.rollBack()
    }

    /// Commits and answers. Returns the groups of those who must run again.
    func finish(after round: Round) -> [[any AnyErrand]] {
        defer { link.takeLateOnes() }
        if let culprit { return [separate(culprit)] }
        if link.isInTransaction {
            do throws(StorageFault) {
                try link.runLateOnes()
                try link.say(.commit)
            } catch {
                link.rollBack()
                // Who wants too much room must not take it from who wants little.
                if error == .full && errands.count > 1 { return errands.map { [$0] } }
                fail(error)
                return []
            }
            // Before anybody is told: what they read from now on must show it.
            commits.add()
            file.health.noteCommit()
            // What was written into a file without a name is no change that lasts.
            guard file.watch.isWhole else {
                fail(.fileWasMoved)
                return []
            }
        }
        for errand in errands { errand.answer() }
        return []
    }

    private func separate(_ culprit: Int) -> [any AnyErrand] {
        errands[culprit].answer()
        var again: [any AnyErrand] = []
        for (index, errand) in errands.enumerated() where index != culprit {
            if errand.runs < 4 {
                again.append(errand)
            } else {
                errand.fail(StorageFault.unavailable("its transactions were lost again and again"))
                errand.answer()
            }
        }
        return again
    }

    /// Nothing of the group was kept.
    func fail(_ fault: StorageFault) {
        for errand in errands {
            errand.fail(fault)
            errand.answer()
        }
    }
}
