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
    private let way = Mutex<Way?>(nil)
    private let isReached = Atomic<Bool>(false)

    /// Not the function itself: a mutex takes it out and puts it back at each look, and Swift would wrap it anew each time, until the call
    /// went deeper than the stack.
    private struct Way {
        let send: Send
    }

    init(name: String) { self.name = name }

    /// From now on what is to be told goes there.
    public func reach(_ send: @escaping Send) {
        way.withLock { $0 = Way(send: send) }
        isReached.store(true, ordering: .releasing)
    }

    func tell(_ kind: NodeNotice.Kind, _ people: [Attendance] = []) {
        guard isReached.load(ordering: .acquiring), let way = way.withLock({ $0 }) else { return }
        let mark: Mark? = kind == .news ? .news : kind == .callers ? .callers : nil
        way.send(JSON.bytes(of: NodeNotice(node: name, kind: kind, people: people)), mark)
    }
}
