internal import Glibc

/// A thread that looks after something again and again. It goes on when a loop does not, so it can see that.
public final class Ticker: Sendable {
    private let isOver = Locked(false)
    private let over = Condition()
    private let thread = Locked<Thread?>(nil)

    /// - Parameter look: is called on the thread, and says after how many milliseconds it is to be called again.
    public init(named name: String, _ look: @escaping @Sendable () -> Int) {
        let (isOver, over) = (isOver, over)
        thread.withLock { thread in
            thread = Thread(named: name) {
                while !isOver.wait(on: over, milliseconds: look(), until: { $0 }) {}
            }
        }
    }

    /// Ends the thread and waits for it. Not on the thread itself.
    public func stop() {
        isOver.withLock { $0 = true }
        over.signalAll()
        thread.withLock { $0.take() }?.join()
    }
}
