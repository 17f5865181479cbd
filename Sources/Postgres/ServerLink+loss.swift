internal import Loop

/// How a session that has ended, or says nothing any more, is given up.
extension ServerLink {
    /// Loses the link when the server has not answered for longer than it may take for any query.
    func startWatchdog() {
        lastSign = loop.now
        guard watchdog == nil else { return }
        watchdog = loop.after(nanoseconds: rules.patience) { self.look() }
    }

    private func look() {
        watchdog = nil
        guard phase == .ready, !pipeline.isEmpty else { return }
        let silence = loop.now &- lastSign
        if silence >= rules.patience { return lose() }
        watchdog = loop.after(nanoseconds: rules.patience - silence) { self.look() }
    }

    /// Loses the link, but not the answers that libpq has read already.
    func loseAfterAnswers() {
        if phase == .ready { takeResults() }
        if phase != .closed { lose() }
    }

    func lose(with query: Query? = nil) {
        let unanswered = abandon() + (query.map { [$0] } ?? [])
        let owner = owner
        close()
        owner?.link(self, lostWith: unanswered)
    }

    /// Takes out every query that has had no answer.
    func abandon() -> [Query] {
        defer { (repeats, script) = ([], nil) }
        return pipeline.abandon() + repeats + (script.map { [$0.query] } ?? [])
    }
}
