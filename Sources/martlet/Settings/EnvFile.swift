import Glibc

/// A `.env` file: `KEY=value` lines, as shells and the usual tools write them.
///
/// A value stands bare, up to a blank and `#`; in single quotes, as it is; or in double quotes, where `\n \r \t \" \\ \$`
/// are escapes. `export` before the key is allowed, the last of two lines for one key counts, and nothing is ever
/// expanded: a file that holds secrets is not a shell script. A quoted value ends on its own line.
struct EnvFile: Equatable, Sendable {
    struct Entry: Equatable, Sendable {
        var value: String
        var line: Int
    }

    private(set) var entries: [String: Entry] = [:]
    /// A sentence for each line that could not be read.
    private(set) var faults: [String] = []

    init() {}

    /// A file that could not be read for the reason `error`, or that is not there.
    init(unreadable error: Int32?) {
        if let error { faults = [".env cannot be read: \(String(cString: strerror(error)))."] }
    }

    init(parsing bytes: [UInt8]) {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let body = bytes.starts(with: mark) ? bytes.dropFirst(3) : bytes[...]
        for (index, line) in body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            read(line.last == UInt8(ascii: "\r") ? line.dropLast() : line, number: index + 1)
        }
    }

    private mutating func read(_ bytes: ArraySlice<UInt8>, number: Int) {
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
            return faults.append(".env line \(number) is not text in UTF-8.")
        }
        do throws(LineFault) {
            guard let (key, value) = try Self.assignment(in: text) else { return }
            entries[key] = Entry(value: value, line: number)
        } catch {
            // The line's own text may be a secret: only what is wrong with it is told.
            faults.append(".env line \(number) \(error.what).")
        }
    }
}

private struct LineFault: Error {
    var what: String
}

extension EnvFile {
    /// The key and value of one line, or nothing when it is blank or a comment.
    private static func assignment(in line: String) throws(LineFault) -> (key: String, value: String)? {
        var rest = Substring(line).trimmed
        if rest.isEmpty || rest.first == "#" { return nil }
        if rest.hasPrefix("export"), let after = rest.dropFirst(6).first, after.isBlank { rest = rest.dropFirst(6).trimmed }
        guard let equals = rest.firstIndex(of: "=") else { throw LineFault(what: "has no `=`; write KEY=value") }
        let key = rest[..<equals].trimmed
        guard key.isName else { throw LineFault(what: "has a key that is not letters, digits and `_`") }
        return (String(key), try value(in: rest[rest.index(after: equals)...].trimmed))
    }

    private static func value(in text: Substring) throws(LineFault) -> String {
        switch text.first {
        case "'":
            guard let end = text.dropFirst().firstIndex(of: "'") else { throw LineFault(what: "has a quote that is not closed") }
            try nothing(after: text[text.index(after: end)...])
            return String(text[text.index(after: text.startIndex)..<end])
        case "\"": return try unescaped(text.dropFirst())
        default: return bare(text)
        }
    }

    /// Up to a `#` that starts the value or follows a blank.
    private static func bare(_ text: Substring) -> String {
        var previousIsBlank = true
        for index in text.indices {
            if text[index] == "#" && previousIsBlank { return String(text[..<index].trimmed) }
            previousIsBlank = text[index].isBlank
        }
        return String(text.trimmed)
    }

    private static func unescaped(_ text: Substring) throws(LineFault) -> String {
        var value = ""
        var index = text.startIndex
        while index < text.endIndex {
            let character = text[index]
            index = text.index(after: index)
            if character == "\"" {
                try nothing(after: text[index...])
                return value
            }
            guard character == "\\" else {
                value.append(character)
                continue
            }
            guard index < text.endIndex else { break }
            switch text[index] {
            case "n": value.append("\n")
            case "r": value.append("\r")
            case "t": value.append("\t")
            case "\"", "\\", "$": value.append(text[index])
            default:
                throw LineFault(what: "has an escape that is none of \\n \\r \\t \\\" \\\\ \\$; use single quotes for a plain backslash")
            }
            index = text.index(after: index)
        }
        throw LineFault(what: "has a quote that is not closed")
    }

    private static func nothing(after rest: Substring) throws(LineFault) {
        let rest = rest.trimmed
        guard rest.isEmpty || rest.first == "#" else { throw LineFault(what: "goes on after the closing quote") }
    }
}

extension Character {
    fileprivate var isBlank: Bool { self == " " || self == "\t" }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = drop { $0.isBlank }
        while let last = text.last, last.isBlank { text.removeLast() }
        return text
    }

    fileprivate var isName: Bool {
        guard let first = utf8.first, !(48...57).contains(first) else { return false }
        return utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == UInt8(ascii: "_") }
    }
}
