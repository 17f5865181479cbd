internal import Codec
public import HTTP

/// `GET /metrics`: what the server counts, for Prometheus.
public struct MetricsRoutes: Sendable {
    /// What is known of the process and not of a request.
    public struct Figures: Sendable {
        public var version: String
        public var commit: String
        /// Seconds since 1970.
        public var startTime: Double
        public var residentBytes: Int
        public var openDescriptors: Int
        public var mostDescriptors: Int
        /// Of user and system together.
        public var processorSeconds: Double
        public var droppedLogLines: Int
        /// For how long a missing number has held up those who read the events.
        public var eventGapSeconds: Double
        /// From which new connections and bodies are refused.
        public var memoryLimitBytes: Int
        public var isShortOfMemory: Bool
        public var timesShortOfMemory: Int

        public init(
            version: String, commit: String, startTime: Double, residentBytes: Int, openDescriptors: Int, mostDescriptors: Int,
            processorSeconds: Double, droppedLogLines: Int, eventGapSeconds: Double, memoryLimitBytes: Int, isShortOfMemory: Bool,
            timesShortOfMemory: Int
        ) {
            self.memoryLimitBytes = memoryLimitBytes
            self.isShortOfMemory = isShortOfMemory
            self.timesShortOfMemory = timesShortOfMemory
            self.version = version
            self.commit = commit
            self.startTime = startTime
            self.residentBytes = residentBytes
            self.openDescriptors = openDescriptors
            self.mostDescriptors = mostDescriptors
            self.processorSeconds = processorSeconds
            self.droppedLogLines = droppedLogLines
            self.eventGapSeconds = eventGapSeconds
        }
    }

    private let figures: @Sendable () async -> Figures

    public init(figures: @escaping @Sendable () async -> Figures) { self.figures = figures }

    public func declare(in routes: inout Routes) {
        routes.raw(.get, "/metrics", .operators, "Gives what the server counts, in Prometheus' text format", gives: .prometheus) {
            request in
            let figures = await figures()
            var out = ByteWriter(capacity: 16 * 1024)
            request.serverMeters.write(to: &out)
            figures.write(to: &out)
            return Response(.ok, type: .prometheus, body: .bytes(out.array), fields: [.init("cache-control", "no-store")])
        }
    }
}

extension MediaType {
    /// Prometheus' text exposition format.
    static let prometheus = MediaType("text/plain; version=0.0.4; charset=utf-8", isCompressible: true)
}

extension MetricsRoutes.Figures {
    /// Names without our prefix are those that Prometheus' own clients give, so that ready-made dashboards know them.
    func write(to out: inout ByteWriter) {
        metric("process_resident_memory_bytes", "gauge", "Memory of the process that is in RAM.", String(residentBytes), &out)
        metric("process_open_fds", "gauge", "Files and sockets that the process has open.", String(openDescriptors), &out)
        metric("process_max_fds", "gauge", "Files and sockets that it may have open.", String(mostDescriptors), &out)
        metric("process_cpu_seconds_total", "counter", "Processor time, user and system.", String(processorSeconds), &out)
        metric("process_start_time_seconds", "gauge", "When the process started, in seconds since 1970.", String(startTime), &out)
        metric("martlet_log_lines_dropped_total", "counter", "Log lines that found no room.", String(droppedLogLines), &out)
        metric(
            "martlet_memory_limit_bytes", "gauge", "Memory from which new connections and bodies are refused.", String(memoryLimitBytes),
            &out)
        metric(
            "martlet_memory_short", "gauge", "1 while new connections and bodies are refused for want of memory.",
            isShortOfMemory ? "1" : "0", &out)
        metric("martlet_memory_shortages_total", "counter", "How often memory has become short.", String(timesShortOfMemory), &out)
        metric(
            "martlet_event_gap_seconds", "gauge", "For how long a transaction that stays open has held up readers of the events.",
            String(eventGapSeconds), &out)
        begin("martlet_build_info", "gauge", "Which build this is; always 1.", &out)
        out.append("{version=\"\(Self.escaped(version))\",commit=\"\(Self.escaped(commit))\"} 1\n")
    }

    private func metric(_ name: StaticString, _ type: StaticString, _ help: StaticString, _ value: String, _ out: inout ByteWriter) {
        begin(name, type, help, &out)
        out.append(" ")
        out.append(value)
        out.append("\n")
    }

    /// All that stands before the labels and the value.
    private func begin(_ name: StaticString, _ type: StaticString, _ help: StaticString, _ out: inout ByteWriter) {
        out.append("# HELP \(name) \(help)\n# TYPE \(name) \(type)\n")
        out.append(name)
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\", "\"": escaped += "\\\(character)"
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
