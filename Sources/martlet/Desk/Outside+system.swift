import Codec
import Domain
import Helpdesk
import Loop

extension Outside {
    /// The system's clock and chance, and the pools for what takes long.
    static func system(_ blocking: BlockingPool, hashing: BlockingPool) -> Outside {
        let maker = Locked(IDs())
        return Outside(
            now: { Moment(Int(MonotonicClock.wallMilliseconds)) },
            newID: {
                maker.withLock { $0.uuids.next(at: Timestamp(milliseconds: Int64(MonotonicClock.wallMilliseconds))).bits }
            },
            newToken: { maker.withLock { $0.uuids.v4().bits } },
            random: { count in maker.withLock { $0.random.bytes(count) } },
            offload: { work in try await blocking.runOrRefuse(work) },
            offloadHash: { work in try await hashing.runOrRefuse(work) })
    }
}

extension BlockingPool {
    fileprivate func runOrRefuse(_ work: @escaping @Sendable () -> Void) async throws {
        do {
            try await run(work)
        } catch is BlockingPool.Full {
            throw DeskError.busy("Too much is waiting: please try again")
        }
    }
}

/// Where ids and chance come from.
private final class IDs {
    var uuids = UUIDMaker()
    var random = RandomSource()
}
