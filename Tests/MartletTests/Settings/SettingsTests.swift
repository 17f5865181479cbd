import Loop
import Testing

@testable import martlet

/// Settings from the sources a test names, and nothing of the machine it runs on.
func settings(flags: [String: String] = [:], environment: [String: String] = [:], file: String = "") throws(SettingsRefused) -> Settings {
    try Settings.read(SettingSources(flags: flags, environment: { environment[$0] }, file: EnvFile(parsing: Array(file.utf8))))
}

/// The sentences that such settings are refused with.
func refusal(flags: [String: String] = [:], environment: [String: String] = [:], file: String = "") -> [String] {
    do throws(SettingsRefused) {
        _ = try settings(flags: flags, environment: environment, file: file)
        return []
    } catch {
        return error.sentences
    }
}

@Suite("Settings: secrets and keys") struct SecretSettingTests {
    @Test("a public key is a file's path, or stands there itself, with its line ends written or not")
    func publicKey() throws {
        func source(_ text: String) throws -> PublicKeySource? {
            try settings(environment: ["DELEGATED_PUBLIC_KEY": text]).desk.delegatedPublicKey
        }
        let pem = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"
        #expect(try source("/etc/issuer.pem") == .file("/etc/issuer.pem"))
        #expect(try source(pem) == .text(pem))
        #expect(try source("-----BEGIN PUBLIC KEY-----\\nAAAA\\n-----END PUBLIC KEY-----\\n") == .text(pem))
        let shown = try settings(environment: ["DELEGATED_PUBLIC_KEY": pem]).entries.first { $0.name == "DELEGATED_PUBLIC_KEY" }
        #expect(shown?.value == "a key in PEM")
    }

    @Test("a secret before stands beside the one that took its place, and is no one that others know")
    func previous() throws {
        let set = try settings(environment: ["JWT_SECRET": "the-new-one", "JWT_SECRET_PREVIOUS": "the-old-one"]).desk
        #expect(set.previousSecret == Secret("the-old-one"))
        for name in ["JWT_SECRET_KEY_PREVIOUS", "DELEGATED_JWT_SECRET_PREVIOUS"] {
            let sentences = refusal(environment: [name: "the-old-one"])
            #expect(sentences.count == 1 && sentences.first?.hasPrefix(name) == true)
        }
        let same = refusal(environment: ["JWT_SECRET_PREVIOUS": "the-old-one", "DELEGATED_JWT_SECRET": "the-old-one"])
        #expect(same.count == 1 && same.first?.contains("are the same") == true)
    }
}

@Suite("Settings: where a value comes from") struct SettingSourceTests {
    @Test("with nothing set, every setting has its documented default")
    func defaults() throws {
        let settings = try settings()
        #expect(settings.port == 3000)
        #expect(settings.host.description == "127.0.0.1")
        #expect(settings.publicURL == nil)
        #expect(settings.origins == .none)
        #expect((1...1024).contains(settings.loops))
        #expect(settings.loops == usableCores())
        #expect(settings.mode == .production)
        #expect(settings.logLevel == .info)
        #expect(settings.logFormat == .auto)
        #expect(settings.tls == nil)
        #expect(settings.trustedProxies == [])
        #expect(settings.metricsToken == nil)
        #expect(settings.maxConnections == 20_000)
        #expect(settings.maxConnectionsPerAddress == 1024)
        #expect(settings.headerTimeoutMs == 10_000)
        #expect(settings.idleTimeoutMs == 60_000)
        #expect(settings.bodyMinRate == 500)
        #expect(settings.bodyGraceMs == 10_000)
        #expect(settings.shutdownGraceMs == 10_000)
        #expect(settings.maxBodyKB == 1024)
        #expect(settings.warnings.isEmpty)
        #expect(settings.entries.allSatisfy { $0.source == .byDefault })
    }

    @Test(
        "every setting can be set by its own name",
        arguments: [
            ("PORT", "1234"), ("HOST", "0.0.0.0"), ("PUBLIC_URL", "https://help.example.com/desk"),
            ("CORS_ORIGIN", "http://127.0.0.1:5501"),
            ("LOOPS", "7"), ("SERVER_MODE", "DEVELOPMENT"), ("LOG_LEVEL", "trace"), ("LOG_FORMAT", "json"),
            ("TRUSTED_PROXIES", "10.0.0.0/8,::1"), ("MAX_CONNECTIONS", "10"), ("MAX_CONNECTIONS_PER_ADDRESS", "0"),
            ("HEADER_TIMEOUT_MS", "11"), ("IDLE_TIMEOUT_MS", "12"), ("BODY_MIN_RATE", "13"), ("BODY_GRACE_MS", "14"),
            ("SHUTDOWN_GRACE_MS", "15"), ("MAX_BODY_KB", "16"),
        ])
    func everyName(name: String, value: String) throws {
        let entry = try #require(try settings(environment: [name: value]).entries.first { $0.name == name })
        #expect(entry.value == value)
        #expect(entry.source == .environment)
        #expect(entry.fallback != value)
    }

    @Test("a flag wins over the environment, that over .env, and that over the default")
    func precedence() throws {
        let flags = ["PORT": "1"]
        let environment = ["PORT": "2"]
        let file = "# ports\nPORT=3"
        #expect(try settings(flags: flags, environment: environment, file: file).port == 1)
        #expect(try settings(environment: environment, file: file).port == 2)
        #expect(try settings(file: file).port == 3)
        #expect(try settings(flags: flags, environment: environment, file: file).entries.first?.source == .flag)
        #expect(try settings(environment: environment, file: file).entries.first?.source == .environment)
        #expect(try settings(file: file).entries.first?.source == .file(line: 2))
    }

    @Test("an empty value is no value, and the next source is asked")
    func empty() throws {
        #expect(try settings(environment: ["PORT": ""], file: "PORT=3").port == 3)
        #expect(try settings(environment: ["PORT": ""], file: "PORT=").port == 3000)
        #expect(try settings(environment: ["TLS_CERT": "", "TLS_KEY": ""]).tls == nil)
    }

    @Test("a bad value of a weaker source is not looked at")
    func weakerSource() throws {
        #expect(try settings(environment: ["PORT": "80"], file: "PORT=eighty").port == 80)
    }

    @Test("the documents' other names work: WEB_SERVER_PORT and RUST_LOG")
    func aliases() throws {
        #expect(try settings(environment: ["WEB_SERVER_PORT": "8080"]).port == 8080)
        #expect(try settings(environment: ["PORT": "8080", "WEB_SERVER_PORT": "8080"]).port == 8080)
        #expect(try settings(environment: ["RUST_LOG": "debug"]).logLevel == .debug)
    }

    @Test("a stronger source settles what two names of one setting say")
    func aliasPrecedence() throws {
        #expect(try settings(flags: ["PORT": "1"], environment: ["WEB_SERVER_PORT": "2"]).port == 1)
        #expect(try settings(flags: ["WEB_SERVER_PORT": "2"], environment: ["PORT": "1"]).port == 2)
        #expect(try settings(environment: ["RUST_LOG": "tower=debug"], file: "LOG_LEVEL=error").logLevel == .error)
    }

    @Test("two names of one setting that differ in one source stop the start")
    func aliasesDiffer() {
        #expect(
            refusal(environment: ["PORT": "1", "WEB_SERVER_PORT": "2"])
                == ["PORT and WEB_SERVER_PORT are two names of one setting and differ (environment); set one of them."])
        #expect(
            refusal(environment: ["LOG_LEVEL": "info", "RUST_LOG": "debug"])
                == ["LOG_LEVEL and RUST_LOG are two names of one setting and differ (environment); set one of them."])
        #expect(refusal(file: "PORT=1\nWEB_SERVER_PORT=2").count == 1)
        #expect(refusal(flags: ["PORT": "1", "WEB_SERVER_PORT": "2"]).count == 1)
    }

    @Test("DEVELOPMENT means human logs of level debug, unless something else is asked for")
    func development() throws {
        let plain = try settings(environment: ["SERVER_MODE": "development"])
        #expect(plain.mode == .development && plain.logLevel == .debug)
        #expect(LogFormat(plain, isTerminal: false) == .human)
        let asked = try settings(environment: ["SERVER_MODE": "DEVELOPMENT", "LOG_LEVEL": "warn", "LOG_FORMAT": "json"])
        #expect(asked.logLevel == .warn)
        #expect(LogFormat(asked, isTerminal: true) == .json)
        let production = try settings()
        #expect(LogFormat(production, isTerminal: true) == .human)
        #expect(LogFormat(production, isTerminal: false) == .json)
        #expect(LogFormat(try settings(environment: ["LOG_FORMAT": "human"]), isTerminal: false) == .human)
    }

    @Test("RUST_LOG's directives for parts of a program are passed over with a warning")
    func directives() throws {
        let mixed = try settings(environment: ["RUST_LOG": "info,hyper=debug,warn"])
        #expect(mixed.logLevel == .warn)
        #expect(mixed.warnings.count == 1)
        #expect(mixed.warnings.first?.hasPrefix("RUST_LOG holds levels for parts of a program (hyper=debug)") == true)
        let partsOnly = try settings(environment: ["RUST_LOG": "hyper=debug"])
        #expect(partsOnly.logLevel == .info)
        #expect(partsOnly.entries.first { $0.name == "LOG_LEVEL" }?.source == .byDefault)
    }

    @Test("MongoDB's settings bring one warning, and none when they are not set")
    func mongo() throws {
        #expect(
            try settings(environment: ["MONGO_URI": "mongodb://u:hunter2@h/"], file: "DB_NAME=desk").warnings == [
                "MONGO_URI and DB_NAME are set: Martlet does not read MongoDB. Its data must be imported, and this version has no import yet."
            ])
        #expect(
            try settings(environment: ["DB_NAME": "desk"]).warnings.first?.hasPrefix("DB_NAME is set:") == true)
    }
}

@Suite("Settings: values that are refused") struct SettingRefusalTests {
    @Test(
        "each bad value is told in one sentence that says what is right and where it stands",
        arguments: [
            ("PORT", "65536", "PORT must be a whole number from 0 to 65535, not \"65536\" (environment)."),
            ("PORT", "-1", "PORT must be a whole number from 0 to 65535, not \"-1\" (environment)."),
            ("PORT", "+1", "PORT must be a whole number from 0 to 65535, not \"+1\" (environment)."),
            ("PORT", " 80", "PORT must be a whole number from 0 to 65535, not \" 80\" (environment)."),
            ("PORT", "99999999999999999999", "PORT must be a whole number from 0 to 65535, not \"99999999999999999999\" (environment)."),
            ("PORT", "it's żółw", "PORT must be a whole number from 0 to 65535, not \"it's żółw\" (environment)."),
            ("PORT", "٣", "PORT must be a whole number from 0 to 65535, not \"\\u{0663}\" (environment)."),
            ("HOST", "example.com", "HOST must be an IP address or localhost, not \"example.com\" (environment)."),
            ("HOST", "127.1", "HOST must be an IP address or localhost, not \"127.1\" (environment)."),
            (
                "PUBLIC_URL", "help.example.com",
                "PUBLIC_URL must be an address like https://help.example.com, without a query, not \"help.example.com\" (environment)."
            ),
            (
                "PUBLIC_URL", "https://a.b/?x",
                "PUBLIC_URL must be an address like https://help.example.com, without a query, not \"https://a.b/?x\" (environment)."
            ),
            (
                "CORS_ORIGIN", "https://a.b, *",
                "CORS_ORIGIN must be * or a comma list of origins like https://example.com, without a path, not \"*\" (environment)."
            ),
            (
                "CORS_ORIGIN", "https://a.b,",
                "CORS_ORIGIN must be * or a comma list of origins like https://example.com, without a path, not \"\" (environment)."
            ),
            ("LOOPS", "0", "LOOPS must be a whole number from 1 to 1024, not \"0\" (environment)."),
            ("SERVER_MODE", "TEST", "SERVER_MODE must be one of PRODUCTION, DEVELOPMENT, not \"TEST\" (environment)."),
            ("LOG_LEVEL", "loud", "LOG_LEVEL must be one of trace, debug, info, warn, error, off, not \"loud\" (environment)."),
            ("RUST_LOG", "loud,a=info", "RUST_LOG must be one of trace, debug, info, warn, error, off, not \"loud,a=info\" (environment)."),
            ("LOG_LEVEL", ",", "LOG_LEVEL must be one of trace, debug, info, warn, error, off, not \",\" (environment)."),
            ("LOG_FORMAT", "xml", "LOG_FORMAT must be one of auto, json, human, not \"xml\" (environment)."),
            ("TLS_CERT", "a.pem", "TLS_CERT and TLS_KEY belong together, and TLS_KEY is not set."),
            ("TLS_KEY", "a.pem", "TLS_CERT and TLS_KEY belong together, and TLS_CERT is not set."),
            (
                "TRUSTED_PROXIES", "10.0.0.0/8, 10.0.0.1/8",
                "TRUSTED_PROXIES must be a comma list of IP addresses and networks like 10.0.0.0/8, without bits beyond the prefix, not \"10.0.0.1/8\" (environment)."
            ),
            (
                "METRICS_TOKEN", "fifteen-letters",
                "METRICS_TOKEN must be at least 16 characters, none of them a blank or outside of ASCII (environment)."
            ),
            (
                "METRICS_TOKEN", "sixteen letters and more",
                "METRICS_TOKEN must be at least 16 characters, none of them a blank or outside of ASCII (environment)."
            ),
            ("MAX_CONNECTIONS", "0", "MAX_CONNECTIONS must be a whole number from 1 to 1000000, not \"0\" (environment)."),
            (
                "MAX_CONNECTIONS_PER_ADDRESS", "many",
                "MAX_CONNECTIONS_PER_ADDRESS must be a whole number from 0 to 1000000, not \"many\" (environment)."
            ),
            ("HEADER_TIMEOUT_MS", "10s", "HEADER_TIMEOUT_MS must be a whole number from 1 to 3600000, not \"10s\" (environment)."),
            ("IDLE_TIMEOUT_MS", "0", "IDLE_TIMEOUT_MS must be a whole number from 1 to 86400000, not \"0\" (environment)."),
            ("BODY_MIN_RATE", "0.5", "BODY_MIN_RATE must be a whole number from 0 to 1000000000, not \"0.5\" (environment)."),
            ("BODY_GRACE_MS", "1e3", "BODY_GRACE_MS must be a whole number from 0 to 3600000, not \"1e3\" (environment)."),
            ("SHUTDOWN_GRACE_MS", "soon", "SHUTDOWN_GRACE_MS must be a whole number from 0 to 3600000, not \"soon\" (environment)."),
            ("MAX_BODY_KB", "0", "MAX_BODY_KB must be a whole number from 1 to 1048576, not \"0\" (environment)."),
        ])
    func badValue(name: String, value: String, sentence: String) {
        #expect(refusal(environment: [name: value]) == [sentence])
    }

    @Test("all bad values are told at once, and bad lines of .env with them")
    func allAtOnce() {
        let sentences = refusal(flags: ["PORT": "x"], environment: ["LOOPS": "y"], file: "MAX_BODY_KB=z\nnonsense\n")
        #expect(
            sentences == [
                ".env line 2 has no `=`; write KEY=value.",
                "PORT must be a whole number from 0 to 65535, not \"x\" (flag --port).",
                "LOOPS must be a whole number from 1 to 1024, not \"y\" (environment).",
                "MAX_BODY_KB must be a whole number from 1 to 1048576, not \"z\" (.env line 1).",
            ])
    }

    @Test("a value with control characters cannot write to the terminal, and a long one is cut")
    func hostileValue() {
        #expect(refusal(environment: ["PORT": "\u{1B}[2J\n"]).first?.contains("not \"\\u{1B}[2J\\n\"") == true)
        #expect(refusal(environment: ["PORT": String(repeating: "9", count: 5000)]).first?.utf8.count ?? 0 < 200)
    }
}

@Suite("Settings: secrets") struct SecretTests {
    @Test("no output shows a secret, however it is printed")
    func masked() {
        let secret = Secret("correct-horse-battery")
        var dumped = ""
        dump(secret, to: &dumped)
        dump([secret], to: &dumped)
        for text in [
            "\(secret)", String(describing: secret), String(reflecting: secret), "\([secret])", "\(Optional(secret) as Any)", dumped,
        ] {
            #expect(!text.contains("horse"))
            #expect(text.contains("••••"))
        }
        #expect(secret.reveal() == "correct-horse-battery")
    }

    @Test("settings that are printed show no secret")
    func settingsPrinted() throws {
        let settings = try settings(environment: ["METRICS_TOKEN": "correct-horse-battery"])
        var dumped = ""
        dump(settings, to: &dumped)
        #expect(!"\(settings)".contains("horse"))
        #expect(!dumped.contains("horse"))
        #expect(settings.metricsToken?.reveal() == "correct-horse-battery")
    }

    @Test(
        "a secret matches itself and nothing else",
        arguments: [
            ("0123456789abcdef", true), ("0123456789abcdeF", false), ("0123456789abcde", false), ("0123456789abcdef0", false), ("", false),
            ("0123456789abcdef0123456789abcdef", false),
        ])
    func matches(candidate: String, expected: Bool) {
        #expect(Secret("0123456789abcdef").matches(candidate.utf8) == expected)
        #expect(!Secret("").matches(candidate.utf8))
    }
}
