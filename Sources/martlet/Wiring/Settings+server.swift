import Codec
import HTTP

// What the settings mean to the parts that are set.

extension Limits {
    /// - Parameter connections: how many there may be, which the system may have less of than the settings.
    init(_ settings: Settings, connections: Int) {
        self.init()
        self.connections = connections
        connectionsPerAddress = settings.maxConnectionsPerAddress
        headerTimeout = .milliseconds(settings.headerTimeoutMs)
        idleTimeout = .milliseconds(settings.idleTimeoutMs)
        slowestRate = settings.bodyMinRate
        rateGrace = .milliseconds(settings.bodyGraceMs)
        body = settings.maxBodyKB * 1024
        // All loops together a quarter of the memory; but what one body needs while it grows.
        bodiesOfLoop = max(min(bodiesOfLoop, (settings.maxMemoryMB << 20) / 4 / settings.loops), 4 * body)
        shutdownGrace = .milliseconds(settings.shutdownGraceMs)
    }
}

extension Settings {
    /// Whether people come by TLS alone: as the address says that they are given, and where none is set, whether we speak it ourselves.
    var isReachedByTLS: Bool { publicURL?.isEncrypted ?? (tls != nil) }
}

extension CORS {
    init(_ origins: AllowedOrigins) {
        switch origins {
        case .none: self.init(CORS.Origins.none)
        case .any: self.init(CORS.Origins.any)
        case .only(let origins): self.init(CORS.Origins.listed(origins.map(\.description)))
        }
    }
}

extension AccessLog {
    /// A line for each request; none where the log's level leaves requests out.
    init?(_ log: Log, _ writer: LogWriter) {
        guard log.isOn(.info) || log.isOn(.error) else { return nil }
        self.init { exchange, out in
            let line = RequestLine(exchange)
            guard log.isOn(line.level) else { return }
            line.append(to: &out, as: log.format, time: { exchange.writeTime(to: &$0) }, id: { exchange.request.writeID(to: &$0) })
        } submit: {
            writer.submit($0)
        }
    }
}
