import Codec
import Domain
import Helpdesk
import Loop

extension Outside {
    /// The system's clock and chance, and the pool for what blocks.
    static func system(_ blocking: BlockingPool) -> Outside {
        let maker = Locked(IDs())
        return Outside(
            now: { Moment(Int(MonotonicClock.wallMilliseconds)) },
            newID: {
                maker.withLock { $0.uuids.next(at: Timestamp(milliseconds: Int64(MonotonicClock.wallMilliseconds))).bits }
            },
            newToken: { maker.withLock { $0.uuids.v4().bits } },
            random: { count in maker.withLock { $0.random.bytes(count) } },
            offload: { work in
                do {
                    try await blocking.run(work)
                } catch is BlockingPool.Full {
                    throw DeskError.busy("Too much is waiting: please try again")
                }
            })
    }
}

/// Where ids and chance come from.
private final class IDs {
    var uuids = UUIDMaker()
    var random = RandomSource()
}
