import CProcess
import Glibc

extension SettingSources {
    /// What this process was given: its flags, its environment, and `.env` in the folder it was started in.
    static func ofProcess(flags: [String: String]) -> SettingSources {
        SettingSources(
            flags: flags,
            environment: { name in getenv(name).map { String(cString: $0) } },
            file: EnvFile(at: ".env"))
    }
}

extension EnvFile {
    /// A file that is not there is an empty one; a file that cannot be read, or has more than 1 MiB, is a fault.
    init(at path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            self.init(unreadable: errno == ENOENT ? nil : errno)
            return
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= 1 << 20 {
            let length = Glibc.read(descriptor, &chunk, chunk.count)
            if length < 0 && errno == EINTR { continue }
            guard length >= 0 else {
                self.init(unreadable: errno)
                return
            }
            if length == 0 {
                self.init(parsing: bytes)
                return
            }
            bytes.append(contentsOf: chunk[..<length])
        }
        self.init(unreadable: EFBIG)
    }
}

/// How many cores this process may run on: a container's CPU set counts, not the machine. 1 when it cannot be told.
func usableCores() -> Int {
    min(max(Int(process_usable_cores()), 1), 1024)
}

extension MachineMemory {
    /// What this process may have.
    static var ofProcess: MachineMemory { MachineMemory(text(of:)) }

    /// A small file of the system's.
    private static func text(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var room = [UInt8](repeating: 0, count: 16_384)
        let count = read(descriptor, &room, room.count)
        return count > 0 ? String(decoding: room[..<count], as: UTF8.self) : nil
    }
}
