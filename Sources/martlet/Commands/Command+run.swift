/// What the shell is told: 0 done, 1 failed, 2 not understood.
enum ExitCode: Int32 {
    case done = 0
    case failed = 1
    case usage = 2
}

extension Command {
    /// Reads a command line, does what it says, and tells people what went wrong on standard error.
    static func run(_ arguments: [String]) -> ExitCode {
        do throws(UsageError) {
            return try Command(arguments).run()
        } catch {
            if arguments.isEmpty {
                StandardOutput.error.write(Help.text(nil))
            } else {
                let help = error.about.map { "martlet \($0.rawValue) --help" } ?? "martlet help"
                StandardOutput.error.write("martlet: \(error.sentence)\nRun `\(help)` to see what there is.\n")
            }
            return .usage
        }
    }

    private func run() -> ExitCode {
        switch self {
        case .help(let topic): return Self.show(Help.text(topic))
        case .version: return Self.show(Version.line + "\n")
        case .config(let flags, let asJSON):
            guard let settings = Self.settings(flags) else { return .failed }
            for warning in settings.warnings { StandardOutput.error.write("martlet: \(warning)\n") }
            return Self.show(asJSON ? ConfigReport.json(settings) : ConfigReport.table(settings))
        case .migrate(.create(let name), _): return Self.attempt { try MigrateAction.create(name) }
        case .migrate(let action, let flags):
            guard let settings = Self.settings(flags) else { return .failed }
            return Self.attempt { try action.run(settings.desk) }
        case .account(let action, let flags):
            guard let settings = Self.settings(flags) else { return .failed }
            return Self.attempt { try action.run(settings.desk) }
        case .serve(let flags):
            guard let settings = Self.settings(flags) else { return .failed }
            do {
                try martlet.serve(settings)
                return .done
            } catch {
                StandardOutput.error.write("martlet: \(sentence(error))\n")
                return .failed
            }
        }
    }

    /// Does what may fail, prints what it says, and tells people why when it fails.
    private static func attempt(_ work: () throws -> String) -> ExitCode {
        do {
            return show(try work())
        } catch {
            StandardOutput.error.write("martlet: \(sentence(error))\n")
            return .failed
        }
    }

    private static func show(_ text: String) -> ExitCode {
        if StandardOutput.output.write(text) { return .done }
        StandardOutput.error.write("martlet: Standard output takes no more.\n")
        return .failed
    }

    /// The settings of this process, or nothing after all that is wrong with them was told.
    private static func settings(_ flags: [String: String]) -> Settings? {
        do throws(SettingsRefused) {
            return try Settings.read(.ofProcess(flags: flags))
        } catch {
            for sentence in error.sentences { StandardOutput.error.write("martlet: \(sentence)\n") }
            return nil
        }
    }
}
