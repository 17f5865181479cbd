public import Codec
internal import Loop
internal import Synchronization

/// What the server counts: requests by route and status with their latency, and connections. Every loop writes its own numbers
/// without a lock or a locked instruction; whoever reads adds them up.
public final class Meters: Sendable {
    /// Upper bounds of the latency histogram, in nanoseconds.
    static let bounds: [UInt64] = [
        50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000, 250_000_000,
        1_000_000_000,
    ]

    private let loops: [LoopMeters]
    private let figures: [Figures]
    private let routes: [Route]
    /// One row more than there are routes: the first is for requests without one.
    private var routeCount: Int { routes.count + 1 }

    init(routes: [Route], loops: [Figures]) {
        self.routes = routes
        figures = loops
        self.loops = loops.map { _ in LoopMeters(routes: routes.count + 1) }
    }

    func forLoop(_ index: Int) -> LoopMeters { loops[index] }

    /// Connections that are open now.
    public var connections: Int { loops.reduce(0) { $0 + $1.connections } }

    /// Requests answered so far.
    public var requests: Int {
        loops.reduce(0) { sum, loop in
            (0..<routeCount).reduce(sum) { sum, route in (0..<Status.count).reduce(sum) { $0 + Int(loop.count(route, status: $1)) } }
        }
    }

    /// Writes all numbers in Prometheus' text format.
    public func write(to out: inout ByteWriter) {
        out.append("# HELP martlet_http_requests_total Requests answered, by route and status.\n")
        out.append("# TYPE martlet_http_requests_total counter\n")
        for route in 0..<routeCount {
            for status in Status.allCases {
                let count = loops.reduce(0) { $0 + $1.count(route, status: status.index) }
                guard count > 0 else { continue }
                out.append("martlet_http_requests_total{")
                label(route, &out)
                out.append(",status=\"")
                out.append(decimal: status.rawValue)
                out.append("\"} ")
                out.append(decimal: Int(count))
                out.append("\n")
            }
        }
        writeLatency(to: &out)
        writeLoops(to: &out)
        out.append("# HELP martlet_connections Connections that are open.\n# TYPE martlet_connections gauge\nmartlet_connections ")
        out.append(decimal: connections)
        out.append("\n")
    }

    private func writeLatency(to out: inout ByteWriter) {
        out.append("# HELP martlet_http_request_duration_seconds From the head's last byte to the answer's, by route.\n")
        out.append("# TYPE martlet_http_request_duration_seconds histogram\n")
        for route in 0..<routeCount {
            // Read once: the loops count on while we write, and the buckets must add up to the count.
            let counts = (0...Self.bounds.count).map { bucket in loops.reduce(0) { $0 + $1.latency(route, bucket: bucket) } }
            guard counts.contains(where: { $0 > 0 }) else { continue }
            var sum: UInt64 = 0
            for (bucket, count) in counts.enumerated() {
                sum += count
                out.append("martlet_http_request_duration_seconds_bucket{")
                label(route, &out)
                out.append(",le=\"")
                if bucket < Self.bounds.count { Self.seconds(Self.bounds[bucket], &out) } else { out.append("+Inf") }
                out.append("\"} ")
                out.append(decimal: Int(sum))
                out.append("\n")
            }
            out.append("martlet_http_request_duration_seconds_sum{")
            label(route, &out)
            out.append("} ")
            Self.seconds(loops.reduce(0) { $0 + $1.duration(route) }, &out)
            out.append("\nmartlet_http_request_duration_seconds_count{")
            label(route, &out)
            out.append("} ")
            out.append(decimal: Int(sum))
            out.append("\n")
        }
    }

    private func writeLoops(to out: inout ByteWriter) {
        out.append(
            "# HELP martlet_loop_busy_seconds_total Time that a loop spent working.\n# TYPE martlet_loop_busy_seconds_total counter\n")
        for (index, loop) in figures.enumerated() {
            Self.gauge("martlet_loop_busy_seconds_total", index, &out)
            Self.seconds(loop.busyNanoseconds, &out)
            out.append("\n")
        }
        out.append("# HELP martlet_loop_lag_seconds The longest turn of a loop since the last look: so long an event had to wait.\n")
        out.append("# TYPE martlet_loop_lag_seconds gauge\n")
        for (index, loop) in figures.enumerated() {
            Self.gauge("martlet_loop_lag_seconds", index, &out)
            Self.seconds(loop.takeLongestTick(), &out)
            out.append("\n")
        }
    }

    private static func gauge(_ name: StaticString, _ loop: Int, _ out: inout ByteWriter) {
        out.append(name)
        out.append("{loop=\"")
        out.append(decimal: loop)
        out.append("\"} ")
    }

    private func label(_ route: Int, _ out: inout ByteWriter) {
        out.append("route=\"")
        out.append(name(of: route))
        out.append("\"")
    }

    /// A route as logs and counters name it.
    func name(of route: Int) -> String {
        route > 0 ? "\(routes[route - 1].method.text) \(routes[route - 1].pattern)" : "none"
    }

    /// Nanoseconds as seconds with nine decimals.
    private static func seconds(_ nanoseconds: UInt64, _ out: inout ByteWriter) {
        out.append(decimal: Int(nanoseconds / 1_000_000_000))
        out.append(".")
        let rest = String(nanoseconds % 1_000_000_000)
        for _ in rest.utf8.count..<9 { out.append("0") }
        out.append(rest)
    }
}

/// One loop's numbers. Written on that loop, read from anywhere.
final class LoopMeters: Sendable {
    private static let buckets = Meters.bounds.count + 1
    private static let width = Status.count + buckets + 1

    private let table: AtomicTable
    private let open = Atomic<Int>(0)
    private let present = Atomic<Int>(0)

    /// The loop works for a request of this route now: for whoever sees it held up. It says nothing of who went on after a wait.
    func begins(route: Int) { present.store(route, ordering: .relaxed) }

    /// The route that the loop last began to work for.
    var presentRoute: Int { present.load(ordering: .relaxed) }

    init(routes: Int) { table = AtomicTable(count: routes * Self.width) }

    @inline(__always)
    func count(route: Int, status: Status, nanoseconds: UInt64) {
        let row = route &* Self.width
        var bucket = 0
        while bucket < Meters.bounds.count, nanoseconds > Meters.bounds[bucket] { bucket &+= 1 }
        table.add(1, at: row &+ status.index)
        table.add(1, at: row &+ Status.count &+ bucket)
        table.add(nanoseconds, at: row &+ Self.width &- 1)
    }

    func connectionsChanged(by change: Int) { open.wrappingAdd(change, ordering: .relaxed) }

    var connections: Int { open.load(ordering: .relaxed) }
    func count(_ route: Int, status: Int) -> UInt64 { table[route * Self.width + status] }
    func latency(_ route: Int, bucket: Int) -> UInt64 { table[route * Self.width + Status.count + bucket] }
    func duration(_ route: Int) -> UInt64 { table[route * Self.width + Self.width - 1] }
}

/// Numbers that one thread adds to and any thread reads.
//
// `@unchecked Sendable`: the memory is made once, freed with the owner, and touched through atomics only.
private final class AtomicTable: @unchecked Sendable {
    private let cells: UnsafeMutablePointer<Atomic<UInt64>>
    private let count: Int

    init(count: Int) {
        self.count = count
        cells = .allocate(capacity: count)
        for index in 0..<count { (cells + index).initialize(to: Atomic(0)) }
    }

    deinit {
        cells.deinitialize(count: count)
        cells.deallocate()
    }

    subscript(_ index: Int) -> UInt64 {
        precondition(index < count)
        return cells[index].load(ordering: .relaxed)
    }

    /// Only for the one thread that writes: a load and a store, no locked instruction.
    @inline(__always)
    func add(_ value: UInt64, at index: Int) {
        precondition(index < count)
        cells[index].store(cells[index].load(ordering: .relaxed) &+ value, ordering: .relaxed)
    }
}
