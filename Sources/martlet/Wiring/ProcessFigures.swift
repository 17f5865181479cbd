import CLinux
import Glibc

/// What the system knows of this process, read afresh each time. It blocks a little: counting ten thousand descriptors takes
/// milliseconds.
struct ProcessFigures {
    let residentBytes: Int
    let openDescriptors: Int
    let mostDescriptors: Int
    let processorSeconds: Double

    init() {
        // The second number is pages in RAM (proc(5)).
        let pages = Self.words(of: "/proc/self/statm").dropFirst().first.flatMap { Int($0) } ?? 0
        residentBytes = pages * sysconf(Int32(_SC_PAGESIZE))
        openDescriptors = Self.openDescriptorCount
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(bitPattern: RLIMIT_NOFILE.rawValue), &limit)
        mostDescriptors = Int(clamping: limit.rlim_cur)
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        processorSeconds = usage.ru_utime.seconds + usage.ru_stime.seconds
    }

    private static func words(of path: String) -> [Substring] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var room = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &room, room.count)
        return String(decoding: room.prefix(max(count, 0)), as: UTF8.self).split(separator: " ")
    }

    private static var openDescriptorCount: Int {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // `.`, `..` and the one that this look-up itself has open.
        return max(count - 3, 0)
    }
}

extension timeval {
    fileprivate var seconds: Double { Double(tv_sec) + Double(tv_usec) / 1_000_000 }
}
