import Loop

/// Everything that can be set from outside, read once at the start. Nothing else in the program reads the environment.
///
/// A setting is declared in one place, its line in `init`: names, kind, default and help. The flag `--log-level` wins over
/// the variable `LOG_LEVEL`, that over the same line of `.env`, and that over the default.
struct Settings: Sendable {
    let port: Int
    let host: IPAddress
    let publicURL: PublicURL?
    let origins: AllowedOrigins
    let loops: Int
    let mode: ServerMode
    let logLevel: LogLevel
    let logFormat: LogFormatChoice
    let tls: TLSFiles?
    let trustedProxies: [IPNetwork]
    let metricsToken: Secret?
    let maxConnections: Int
    /// 0 = no bound.
    let maxConnectionsPerAddress: Int
    let maxMemoryMB: Int
    let headerTimeoutMs: Int
    let idleTimeoutMs: Int
    /// Bytes a second, 0 = any.
    let bodyMinRate: Int
    let bodyGraceMs: Int
    let shutdownGraceMs: Int
    let maxBodyKB: Int
    let desk: DeskSettings
    /// Every setting as it was read, for `martlet config` and `--help`.
    let entries: [SettingEntry]
    /// Sentences for the log of whoever starts the server.
    let warnings: [String]

    private init(_ read: inout SettingsReader) {
        port = read("PORT", or: "WEB_SERVER_PORT", .number(0...65535), default: 3000, "Port to listen on; 0 takes any free one.")
        host = read("HOST", .address, default: IPAddress(v4: 0x7F00_0001), "Address to listen on; 0.0.0.0 for all of this machine's.")
        publicURL = read("PUBLIC_URL", .url, "Where people reach this server; links in mail begin with it.")
        let givenOrigins = read("CORS_ORIGIN", .origins, "Origins whose pages may call the API: * or a comma list.")
        loops = read("LOOPS", .number(1...1024), default: usableCores(), "Event loops, a thread each; default: usable cores.")

        mode = read("SERVER_MODE", .word, default: .production, "PRODUCTION or DEVELOPMENT (human logs, level debug).")
        logLevel = read(
            "LOG_LEVEL", or: "RUST_LOG", .level, default: mode == .development ? .debug : .info,
            "Least level that is logged: trace, debug, info, warn, error or off.")
        logFormat = read("LOG_FORMAT", .word, default: .auto, "json, human, or auto: human on a terminal and in DEVELOPMENT.")

        let certificate = read("TLS_CERT", .path, "PEM file with the certificate chain; turns TLS on, together with TLS_KEY.")
        let key = read("TLS_KEY", .path, "PEM file with the certificate's private key.")
        tls = TLSFiles(certificate: certificate, key: key)
        if (certificate == nil) != (key == nil) {
            read.refuse("TLS_CERT and TLS_KEY belong together, and \(key == nil ? "TLS_KEY" : "TLS_CERT") is not set.")
        }
        trustedProxies = read("TRUSTED_PROXIES", .networks, default: [], "Addresses and networks whose X-Forwarded-For is believed.")
        metricsToken = read("METRICS_TOKEN", .secret(atLeast: 16), "Bearer token that opens /metrics to other machines.")

        maxConnections = read("MAX_CONNECTIONS", .number(1...1_000_000), default: 20_000, "Connections at one time.")
        maxConnectionsPerAddress = read(
            "MAX_CONNECTIONS_PER_ADDRESS", .number(0...1_000_000), default: 1024, "Connections of one client address; 0 = no bound.")
        maxMemoryMB = read(
            "MAX_MEMORY_MB", .number(64...1 << 30), default: MachineMemory.ofProcess.defaultLimitMB,
            "Memory in MiB from which new connections and bodies are refused; default: three quarters of the machine's or cgroup's.")
        headerTimeoutMs = read(
            "HEADER_TIMEOUT_MS", .number(1...3_600_000), default: 10_000,
            "Time for a request's head to arrive, and for a client of /ws to say who it is.")
        idleTimeoutMs = read(
            "IDLE_TIMEOUT_MS", .number(1...86_400_000), default: 60_000, "Time a connection may be silent between requests.")
        bodyMinRate = read("BODY_MIN_RATE", .number(0...1_000_000_000), default: 500, "Bytes a second that a body must keep up; 0 = any.")
        bodyGraceMs = read("BODY_GRACE_MS", .number(0...3_600_000), default: 10_000, "Time before BODY_MIN_RATE is asked for.")
        shutdownGraceMs = read(
            "SHUTDOWN_GRACE_MS", .number(0...3_600_000), default: 10_000, "Time for running requests to finish at the end.")
        maxBodyKB = read("MAX_BODY_KB", .number(1...1_048_576), default: 1024, "Largest body of a request, in KiB.")
        // Links have to begin with something; whoever starts the server by hand opens it on this very machine.
        let here = "\(tls == nil ? "http" : "https")://127.0.0.1:\(port)"
        desk = DeskSettings(&read, publicURL: publicURL?.description ?? here)
        origins = givenOrigins ?? (desk.isDemo ? .any : .none)

        read.passOver(
            "MONGO_URI", "DB_NAME",
            saying: "Martlet does not read MongoDB. Its data must be imported, and this version has no import yet.")
        entries = read.entries
        warnings = read.warnings
    }
}

extension Settings {
    /// Reads every setting. Throws all that is wrong at once.
    static func read(_ sources: SettingSources) throws(SettingsRefused) -> Settings {
        var reader = SettingsReader(sources)
        let settings = Settings(&reader)
        guard reader.faults.isEmpty else { throw SettingsRefused(sentences: reader.faults) }
        return settings
    }

    /// What can be set, with the values of a machine on which nothing is.
    static var declared: [SettingEntry] {
        var reader = SettingsReader(SettingSources())
        return Settings(&reader).entries
    }
}

/// Why the settings cannot be used: one sentence for each bad value.
struct SettingsRefused: Error {
    let sentences: [String]
}

enum ServerMode: String, CaseIterable, Sendable {
    case production = "PRODUCTION"
    case development = "DEVELOPMENT"
}

enum LogFormatChoice: String, CaseIterable, Sendable {
    case auto, json, human
}

/// The two files TLS needs; there is never only one.
struct TLSFiles: Equatable, Sendable {
    let certificate: String
    let key: String

    fileprivate init?(certificate: String?, key: String?) {
        guard let certificate, let key else { return nil }
        self.certificate = certificate
        self.key = key
    }
}
