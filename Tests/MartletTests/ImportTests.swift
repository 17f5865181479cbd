import Glibc
import Testing

/// The arrows between the targets. SwiftPM does not catch an import that only works because another target brought
/// the module along, so the `import` lines themselves are read.
@Suite("Imports") struct ImportTests {
    /// Who may import what, of our own modules and of Debian's C libraries. A new target is a new line here.
    static let allowed: [String: Set<String>] = [
        "Domain": [],
        "Codec": ["CCrypto", "CSodium", "CCrypt", "CUnicode"],
        "Loop": ["CLinux"],
        "Storage": [],
        "SQLite": ["Storage", "Loop", "CSQLite"],
        "Postgres": ["Storage", "Loop", "CPostgres"],
        "HTTP": ["Loop", "Codec", "CCrypto", "CZlib", "CLinux"],
        "Clients": ["Loop", "Codec", "CCurl"],
        "Redis": ["Loop", "CRedis"],
        "Helpdesk": ["Domain", "Storage", "Codec", "CMark"],
        "Files": ["Domain", "Helpdesk", "Clients", "Loop", "Codec"],
        "API": ["Domain", "Helpdesk", "HTTP", "Codec"],
        "Channels": ["Domain", "Helpdesk", "Clients", "Codec", "CMail"],
        "Web": [],
        "CProcess": [],
        "martlet": [
            "Domain", "Codec", "Loop", "Storage", "SQLite", "Postgres", "HTTP", "Clients", "Redis", "Helpdesk", "API", "Channels", "Files",
            "Web", "CLinux", "CProcess",
        ],
    ]

    /// What comes with the toolchain and may be used anywhere but in `pure` targets. Foundation is missing on purpose.
    static let system: Set<String> = ["Swift", "Synchronization", "_Concurrency"]
    static let effects: Set<String> = ["Glibc", "Dispatch"]
    static let pure: Set<String> = ["Domain"]

    @Test("every import points the way the house is built")
    func arrows() throws {
        let sources = Self.root + "/Sources"
        let targets = try Self.entries(of: sources).filter { !Self.isSystemLibrary(sources + "/" + $0) }
        #expect(!targets.isEmpty)
        for target in targets {
            let allowed = try #require(Self.allowed[target], "Sources/\(target) has no line in the table of this test")
            for file in try Self.swiftFiles(under: sources + "/" + target) {
                for module in try Self.imports(in: Self.text(of: file)) {
                    #expect(
                        Self.may(target, import: module, allowed: allowed),
                        "\(file.dropFirst(Self.root.utf8.count + 1)) imports \(module), which \(target) may not")
                }
            }
        }
    }

    @Test(
        "an import against the arrows is found, however it is written",
        arguments: [
            "import HTTP", "public import HTTP", "@testable import HTTP", "internal import struct HTTP.Request", "  import HTTP // why",
            "@preconcurrency import HTTP", "import HTTP;", "@_exported public import HTTP.Router",
        ])
    func spellings(line: String) {
        #expect(Self.imports(in: "let a = 1\n\(line)\nlet b = 2\n") == ["HTTP"])
        #expect(!Self.may("Codec", import: "HTTP", allowed: Self.allowed["Codec"]!))
    }

    @Test(
        "a word that only looks like an import is none",
        arguments: [
            "// import HTTP", "/// import HTTP", "let important = 1", "importer.run()", "\"import HTTP\"",
        ])
    func lookalikes(line: String) {
        #expect(Self.imports(in: line).isEmpty)
    }

    @Test("nobody may import Foundation, and the domain nothing that has effects")
    func effectsStayOut() {
        #expect(!Self.may("martlet", import: "Foundation", allowed: Self.allowed["martlet"]!))
        #expect(!Self.may("Domain", import: "Glibc", allowed: []))
        #expect(Self.may("Loop", import: "Glibc", allowed: []))
    }
}

extension ImportTests {
    static func may(_ target: String, import module: String, allowed: Set<String>) -> Bool {
        if module == target || system.contains(module) || allowed.contains(module) { return true }
        return effects.contains(module) && !pure.contains(target)
    }

    /// The modules that a source imports. Line by line: SwiftPM's own scanner is no part of its interface.
    static func imports(in source: String) -> [String] {
        let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
        let modifiers: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
        return source.split(whereSeparator: \.isNewline).compactMap { line in
            var words = line.split { $0 == " " || $0 == "\t" || $0 == ";" }[...]
            while let word = words.first, word.hasPrefix("@") || modifiers.contains(word) { words.removeFirst() }
            guard words.popFirst() == "import" else { return nil }
            if let word = words.first, kinds.contains(word) { words.removeFirst() }
            return words.first.flatMap { $0.split(separator: ".").first }.map(String.init)
        }
    }

    /// The package's own folder, from where this file was compiled.
    static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

    static func isSystemLibrary(_ folder: String) -> Bool { access(folder + "/module.modulemap", F_OK) == 0 }

    static func entries(of folder: String) throws -> [String] {
        let directory = try #require(opendir(folder), "\(folder) cannot be read")
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    static func swiftFiles(under folder: String) throws -> [String] {
        try entries(of: folder).flatMap { name -> [String] in
            let path = folder + "/" + name
            var info = stat()
            guard stat(path, &info) == 0 else { return [] }
            if info.st_mode & S_IFMT == S_IFDIR { return try swiftFiles(under: path) }
            return name.hasSuffix(".swift") ? [path] : []
        }
    }

    static func text(of file: String) throws -> String {
        let stream = try #require(fopen(file, "r"), "\(file) cannot be read")
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let n = fread(&buffer, 1, buffer.count, stream), n > 0 { bytes += buffer[..<n] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
