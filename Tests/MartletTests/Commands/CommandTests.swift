import Testing

@testable import martlet

@Suite("Command line") struct CommandTests {
    @Test(
        "a command line says what to do",
        arguments: [
            ("serve", Command.serve(flags: [:])),
            ("serve --port 80", .serve(flags: ["PORT": "80"])),
            ("serve --port=80 --host 0.0.0.0", .serve(flags: ["PORT": "80", "HOST": "0.0.0.0"])),
            ("serve --web-server-port=80 --rust-log info", .serve(flags: ["WEB_SERVER_PORT": "80", "RUST_LOG": "info"])),
            ("serve --port 80 --port 81", .serve(flags: ["PORT": "81"])),
            ("serve --tls-cert=a=b.pem --tls-key -x", .serve(flags: ["TLS_CERT": "a=b.pem", "TLS_KEY": "-x"])),
            ("serve --demo", .serve(flags: ["DEMO": "on"])), ("serve --demo=off", .serve(flags: ["DEMO": "off"])),
            ("config", .config(flags: [:], asJSON: false)),
            ("config --json", .config(flags: [:], asJSON: true)),
            ("config --port 80 --json", .config(flags: ["PORT": "80"], asJSON: true)),
            ("version", .version), ("--version", .version), ("-V", .version),
            ("help", .help(nil)), ("--help", .help(nil)), ("-h", .help(nil)), ("help config", .help(.config)),
            ("serve --help", .help(.serve)), ("config -h", .help(.config)), ("version --help", .help(.version)),
            ("help --help", .help(.help)), ("serve --no-such-thing --help", .help(.serve)),
        ])
    func understood(line: String, command: Command) throws {
        #expect(try Command(line.split(separator: " ").map(String.init)) == command)
    }

    @Test(
        "what is not understood is told in one sentence, with a hint when something is near",
        arguments: [
            ("", "Say what to do: serve, migrate, admin, user, config, version, help."),
            ("sevre", "There is no command \"sevre\"; did you mean serve?"),
            ("conf", "There is no command \"conf\"; did you mean config?"),
            ("Serve", "There is no command \"Serve\"; did you mean serve?"),
            ("backups", "There is no command \"backups\"."),
            ("serve now", "martlet serve does not take \"now\"."),
            ("serve -p 80", "martlet serve does not take \"-p\"."),
            ("serve --prot 80", "There is no flag \"--prot\"; did you mean --port?"),
            ("serve --max-conections=1", "There is no flag \"--max-conections\"; did you mean --max-connections?"),
            ("serve --header 1", "There is no flag \"--header\"; did you mean --header-timeout-ms?"),
            ("serve --PORT 80", "There is no flag \"--PORT\"; did you mean --port?"),
            ("serve --dmeo", "There is no flag \"--dmeo\"; did you mean --demo?"),
            ("serve --demo on", "martlet serve does not take \"on\"."),
            ("serve --json", "There is no flag \"--json\"."),
            ("serve --", "There is no flag \"--\"."),
            ("config --jsno", "There is no flag \"--jsno\"; did you mean --json?"),
            ("serve --port", "--port needs a value: --port=…"),
            ("serve --port=", "--port needs a value: --port=…"),
            ("serve --port --host ::1", "--port needs a value: --port=…"),
            ("version now", "martlet version does not take \"now\"."),
            ("help nothing", "martlet help does not take \"nothing\"."),
            ("help serve config", "martlet help does not take \"serve\"."),
        ])
    func notUnderstood(line: String, sentence: String) {
        let error = #expect(throws: UsageError.self) { try Command(line.split(separator: " ").map(String.init)) }
        #expect(error?.sentence == sentence)
    }

    @Test("a flag that is not understood never shows its value: it may be a secret")
    func unknownFlagKeepsSecret() {
        let error = #expect(throws: UsageError.self) { try Command(["serve", "--metrics-tokken=hunter2"]) }
        #expect(error?.sentence == "There is no flag \"--metrics-tokken\"; did you mean --metrics-token?")
    }

    @Test("help names every command and every setting's flag, variable and alias")
    func help() {
        for command in CommandName.allCases { #expect(Help.text(nil).contains("  \(command.rawValue) ")) }
        for entry in Settings.declared {
            #expect(Help.text(.serve).contains("  \(flagName(of: entry.name)) "))
            #expect(Help.text(.config).contains("(\(entry.name)"))
            if let alias = entry.alias { #expect(Help.text(.serve).contains("or \(alias)")) }
        }
    }

    @Test("version names the program, the commit and the compiler")
    func version() {
        #expect(Version.line.hasPrefix("martlet \(Version.number) ("))
        #expect(Version.line.hasSuffix(", swift \(Version.swift))"))
        #expect(!Version.commit.isEmpty)
    }
}

@Suite("martlet config") struct ConfigReportTests {
    @Test("the table has a line for every setting, with value, default and source in straight columns")
    func table() throws {
        let lines = ConfigReport.table(try settings(environment: ["PORT": "80"], file: "LOOPS=3")).split(separator: "\n")
        #expect(lines.count == Settings.declared.count + 1)
        #expect(lines[1].split(separator: " ").prefix(4) == ["PORT", "80", "3000", "environment"])
        #expect(lines[5].split(separator: " ").prefix(4) == ["LOOPS", "3", "\(usableCores())", ".env"])
        let column = lines[0].distance(from: lines[0].startIndex, to: try #require(lines[0].firstRange(of: "SOURCE")).lowerBound)
        for line in lines.dropFirst() {
            #expect(line.dropFirst(column - 2).hasPrefix("  "))
            #expect(["flag ", "environment ", ".env ", "default "].contains { line.dropFirst(column).hasPrefix($0) })
        }
    }

    @Test("a secret is nowhere in the output, but whether it is set is", arguments: [false, true])
    func secret(asJSON: Bool) throws {
        let secret = "correct-horse-battery"
        func report(_ settings: Settings) -> String { asJSON ? ConfigReport.json(settings) : ConfigReport.table(settings) }
        let set = try [
            settings(flags: ["METRICS_TOKEN": secret]), settings(environment: ["METRICS_TOKEN": secret]),
            settings(file: "METRICS_TOKEN=\(secret)"),
        ]
        for settings in set {
            let report = report(settings)
            #expect(!report.contains("horse"))
            #expect(
                report.contains(asJSON ? "\"METRICS_TOKEN\",\"alias\":null,\"flag\":\"--metrics-token\",\"value\":\"••••\"" : "•••• (set)"))
        }
        let unset = report(try settings())
        #expect(unset.contains(asJSON ? "\"flag\":\"--metrics-token\",\"value\":null" : "•••• (not set)"))
    }

    @Test("a value with control characters cannot break a line of the table or of the JSON")
    func hostileValue() throws {
        let settings = try settings(environment: ["TLS_CERT": "a\n\"b\u{1B}", "TLS_KEY": "k"])
        #expect(ConfigReport.table(settings).split(separator: "\n").count == Settings.declared.count + 1)
        #expect(ConfigReport.json(settings).contains("\"value\":\"a\\n\\\"b\\u001b\""))
    }

    @Test("the JSON holds the warnings too")
    func warnings() throws {
        #expect(ConfigReport.json(try settings()).hasSuffix("\"warnings\": []\n}\n"))
        #expect(ConfigReport.json(try settings(environment: ["DB_NAME": "x"])).contains("\"warnings\": [\"DB_NAME is set: "))
    }
}
