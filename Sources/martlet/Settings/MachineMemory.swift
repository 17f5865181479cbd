/// How much memory the process may have: the machine's, or what a cgroup leaves of it, as for a container or a systemd unit.
struct MachineMemory {
    let bytes: Int

    /// What is used unless a setting says otherwise. The last quarter is for the system, the page cache, and what comes within the moment in
    /// which the server has not noticed yet.
    var defaultLimitMB: Int { min(max((bytes / 4 * 3) >> 20, 64), 1 << 30) }

    /// - Parameter text: gives a file's content, nil when there is none.
    init(_ text: (String) -> String?) {
        var least = Self.total(of: text("/proc/meminfo") ?? "") ?? 1 << 30
        for path in Self.limitFiles(text("/proc/self/cgroup") ?? "") {
            // A group without a bound says `max`, or in version 1 a number beyond every machine.
            let limit = text(path).flatMap { Int(decimal: String($0.prefix { $0.isNumber })) }
            if let limit, limit > 0 { least = min(least, limit) }
        }
        bytes = least
    }

    private static func total(of meminfo: String) -> Int? {
        guard let line = meminfo.split(separator: "\n").first(where: { $0.hasPrefix("MemTotal:") }) else { return nil }
        guard let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int(decimal: String($0)) }) else { return nil }
        return kilobytes > 0 && kilobytes < 1 << 50 ? kilobytes << 10 : nil
    }

    /// Where the bounds of our group and of those around it stand. Within a container the names may be those of the machine, where only
    /// the root of what is mounted is ours.
    private static func limitFiles(_ groups: String) -> [String] {
        var files: [String] = []
        for line in groups.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            if parts[0] == "0", parts[1].isEmpty {
                files += foldersUp(String(parts[2])).map { "/sys/fs/cgroup\($0)/memory.max" }
            } else if parts[1].split(separator: ",").contains("memory") {
                files += foldersUp(String(parts[2])).map { "/sys/fs/cgroup/memory\($0)/memory.limit_in_bytes" }
            }
        }
        return files
    }

    /// `/a/b`, `/a` and the root, which is nothing.
    private static func foldersUp(_ path: String) -> [String] {
        var names = path.split(separator: "/").prefix(64)
        var folders: [String] = []
        while !names.isEmpty {
            folders.append("/" + names.joined(separator: "/"))
            names.removeLast()
        }
        return folders + [""]
    }
}
