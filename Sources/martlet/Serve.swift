/// Runs the server until it is told to stop.
func serve(_ settings: Settings) async throws {
    let writer = try LogWriter(descriptor: StandardOutput.output.rawValue, format: LogFormat(settings))
    try writer.start()
    defer { writer.stop() }
    let log = Log(settings, writer)
    for warning in settings.warnings { log.warn(warning) }
    log.info("no server is wired yet", ["host": .text("\(settings.host)"), "port": .number(settings.port)])
}
