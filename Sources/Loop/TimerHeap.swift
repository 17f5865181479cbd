/// Something that will happen on a loop, unless it is cancelled. Loop only.
public final class LoopTimer {
    let deadline: UInt64
    private var action: (() -> Void)?

    init(deadline: UInt64, _ action: @escaping () -> Void) {
        self.deadline = deadline
        self.action = action
    }

    /// Cancelling twice, or after it has happened, does nothing.
    public func cancel() { action = nil }

    var isCancelled: Bool { action == nil }

    func fire() {
        guard let action else { return }
        self.action = nil
        action()
    }
}

/// The timers of a loop, the earliest on top. A cancelled timer stays until its time comes or until the cancelled ones
/// are the greater part; nobody waits long in here by the thousand (connections share one sweep, see `HTTP`).
struct TimerHeap {
    private var heap: [LoopTimer] = []

    var earliest: UInt64? { heap.first?.deadline }

    mutating func insert(_ timer: LoopTimer) {
        if heap.count >= 64, heap.count == heap.capacity { dropCancelled() }
        heap.append(timer)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].deadline < heap[parent].deadline else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes out what is due. The loop fires it afterwards, since an action may add timers to this very heap.
    mutating func takeDue(at now: UInt64) -> [LoopTimer] {
        var due: [LoopTimer] = []
        while let first = heap.first, first.deadline <= now {
            due.append(first)
            removeFirst()
        }
        return due
    }

    private mutating func removeFirst() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].deadline < heap[least].deadline {
                least = child
            }
            if least == parent { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    private mutating func dropCancelled() {
        let living = heap.filter { !$0.isCancelled }
        guard living.count <= heap.count / 2 else { return }
        heap.removeAll(keepingCapacity: true)
        for timer in living { insert(timer) }
    }
}
