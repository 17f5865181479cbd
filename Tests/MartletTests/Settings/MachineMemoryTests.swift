import Testing

@testable import martlet

@Suite("The memory that the process may have") struct MachineMemoryTests {
    private func memory(_ files: [String: String]) -> MachineMemory { MachineMemory { files[$0] } }
    private static let machine = ["/proc/meminfo": "MemTotal:        8388608 kB\nMemFree:         100 kB\n"]

    @Test("is the machine's where no group bounds it") func machine() {
        #expect(memory(Self.machine).bytes == 8 << 30)
        #expect(memory(Self.machine).defaultLimitMB == 6144)
        let unbounded = Self.machine.merging(["/proc/self/cgroup": "0::/a/b\n", "/sys/fs/cgroup/a/b/memory.max": "max\n"]) { $1 }
        #expect(memory(unbounded).bytes == 8 << 30)
    }

    @Test("is the least of what the groups around it may have, in version 2") func groups() {
        var files = Self.machine.merging(["/proc/self/cgroup": "0::/a/b\n", "/sys/fs/cgroup/a/b/memory.max": "max\n"]) { $1 }
        files["/sys/fs/cgroup/a/memory.max"] = "1073741824\n"
        #expect(memory(files).bytes == 1 << 30 && memory(files).defaultLimitMB == 768)
        files["/sys/fs/cgroup/memory.max"] = "536870912\n"
        #expect(memory(files).bytes == 512 << 20)
    }

    @Test("is what a group may have in version 1, where no bound is a number beyond every machine") func oldGroups() {
        var files = Self.machine
        files["/proc/self/cgroup"] = "9:cpu,memory:/docker/x\n8:pids:/docker/x\n0::/\n"
        files["/sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes"] = "9223372036854771712\n"
        #expect(memory(files).bytes == 8 << 30)
        // In a container, where the machine's name of the group leads nowhere.
        files["/sys/fs/cgroup/memory/memory.limit_in_bytes"] = "268435456\n"
        #expect(memory(files).bytes == 256 << 20)
    }

    @Test("is never taken for less than the server needs itself, nor for what no machine has") func odd() {
        #expect(memory([:]).bytes == 1 << 30)
        #expect(memory(["/proc/meminfo": "MemTotal: 0 kB\n"]).bytes == 1 << 30)
        #expect(memory(["/proc/meminfo": "MemTotal: 99999999999999999999 kB\n"]).bytes == 1 << 30)
        #expect(memory(["/proc/meminfo": "MemTotal: 9223372036854775807 kB\n"]).defaultLimitMB >= 64)
        #expect(memory(["/proc/meminfo": "MemTotal: 1024 kB\n"]).defaultLimitMB == 64)
    }
}
