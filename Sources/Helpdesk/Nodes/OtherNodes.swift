internal import Codec
internal import Synchronization

/// The way to the other nodes of this desk, if there is one. Telling costs nothing when there is none, and never waits.
public final class OtherNodes: Sendable {
    /// Sends a message to all nodes. Of those with the same `mark` that have not left yet, one is enough.
    public typealias Send = @Sendable (_ message: [UInt8], _ mark: Mark?) -> Void

    /// What need not be told twice.
    public enum Mark: Int, Sendable, CaseIterable {
        case news, callers
    }

    /// By which the others know who tells them something, and we what we have told ourselves.
    public let name: String
    private let send = Mutex<Send?>(nil)
    private let isReached = Atomic<Bool>(false)

    init(name: String) { self.name = name }

    /// From now on what is to be told goes there.
    public func reach(_ send: @escaping Send) {
        self.send.withLock { $0 = send }
        isReached.store(true, ordering: .releasing)
    }

    func tell(_ kind: NodeNotice.Kind, _ people: [Attendance] = []) {
        guard isReached.load(ordering: .acquiring), let send = send.withLock({ $0 }) else { return }
        let mark: Mark? = kind == .news ? .news : kind == .callers ? .callers : nil
        send(JSON.bytes(of: NodeNotice(node: name, kind: kind, people: people)), mark)
    }
}
