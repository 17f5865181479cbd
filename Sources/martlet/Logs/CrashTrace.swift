import CProcess
import HTTP
import Loop

/// Has a fault that ends the process leave a trace in the log: every line that was due, and one about the fault.
enum CrashTrace {
    /// What the handler needs, which lives as long as the process.
    private final class Context {
        let writer: LogWriter
        let server: Server

        init(_ writer: LogWriter, _ server: Server) {
            self.writer = writer
            self.server = server
        }
    }

    /// Once, before the server runs.
    static func install(_ writer: LogWriter, _ server: Server) {
        let context = Unmanaged.passRetained(Context(writer, server))
        process_trace_crashes(
            StandardOutput.output.rawValue, writer.format == .json ? 1 : 0,
            { raw in
                // `raw` is the context that `install` retained for ever.
                guard let raw else { return }
                let context = Unmanaged<Context>.fromOpaque(raw).takeUnretainedValue()
                // The other loops hand on their lines within this time, by themselves.
                context.writer.writeEverything(within: 500)
                context.server.writeLogOfThisThread(to: StandardOutput.output.rawValue)
            }, context.toOpaque())
    }
}
