/// Something that lives as long as the server: a listener, a reader of the log, a link to another node.
///
/// `run()` returns when the service's task is cancelled and what it had begun is finished. Returning before that, or throwing,
/// ends the whole server: a server that has lost a part must be restarted, not limp.
public protocol Service: Sendable {
    var name: String { get }
    func run() async throws
}

/// Runs services until one ends or the task is cancelled, and then stops them in the reverse of their order, one by one:
/// those who serve end before those whom they need.
public struct Services: Sendable {
    private let members: [any Service]
    private let loop: EventLoop

    public init(_ members: [any Service], on loop: EventLoop) {
        self.members = members
        self.loop = loop
    }

    /// Returns after an orderly stop; throws the first error with which a service ended.
    public func run() async throws {
        let end = Latch()
        let fault = Locked<(any Error)?>(nil)
        let tasks = members.map { service in
            loop.spawn {
                do {
                    try await service.run()
                } catch {
                    // The first is the cause; what others throw while they are stopped is its consequence.
                    if !(error is CancellationError) { fault.withLock { $0 = $0 ?? error } }
                }
                end.happen()
            }
        }
        await withTaskCancellationHandler {
            await end.wait()
        } onCancel: {
            end.happen()
        }
        for task in tasks.reversed() {
            task.cancel()
            await task.value
        }
        if let fault = fault.withLock({ $0 }) { throw fault }
    }
}
