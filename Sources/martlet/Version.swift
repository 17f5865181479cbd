import CProcess

/// What this program is called by, in one place: `martlet version`, `/health`, `/metrics` and the OpenAPI document take it from here.
enum Version {
    static let number = "0.1.0"

    /// The commit it was built from. Only `make` knows it; after a bare `swift build` it says so.
    static var commit: String { String(cString: process_commit()) }

    /// The compiler it was built with.
    static var swift: String {
        #if compiler(>=6.4)
            "6.4 or later"
        #else
            "6.3"
        #endif
    }

    /// The line that `martlet version` prints.
    static var line: String { "martlet \(number) (\(commit), swift \(swift))" }
}
