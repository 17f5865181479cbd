import Glibc
import Testing

@testable import martlet

/// A pipe whose reading end a test holds.
private struct Pipe {
    let reading: Int32
    let writing: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        (reading, writing) = (ends[0], ends[1])
    }

    /// All that is in the pipe, once the writing end is closed.
    func drain() -> String {
        close(writing)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while case let length = read(reading, &chunk, chunk.count), length > 0 { bytes += chunk[..<length] }
        close(reading)
        return String(decoding: bytes, as: UTF8.self)
    }
}

private func lines(_ count: Int, _ word: String = "line") -> [UInt8] {
    (0..<count).flatMap { Array("\(word) \($0)\n".utf8) }
}

@Suite("LogWriter") struct LogWriterTests {
    @Test("blocks are written whole and in order, and stop flushes them")
    func order() throws {
        let pipe = try Pipe()
        let writer = try LogWriter(descriptor: pipe.writing, format: .json)
        try writer.start()
        for number in 0..<500 { writer.submit(Array("\(number)\n".utf8)) }
        #expect(writer.stop())
        #expect(pipe.drain() == (0..<500).map { "\($0)\n" }.joined())
        #expect(writer.droppedLines == 0)
    }

    @Test("a block larger than one write goes out whole")
    func large() throws {
        let pipe = try Pipe()
        let writer = try LogWriter(descriptor: pipe.writing, format: .json)
        try writer.start()
        let block = lines(20_000)
        writer.submit(block)
        writer.submit(Array("end\n".utf8))
        // More than a pipe holds: somebody must read while it is written.
        var seen: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while seen.count < block.count + 4 {
            let length = read(pipe.reading, &chunk, chunk.count)
            try #require(length > 0)
            seen += chunk[..<length]
        }
        #expect(writer.stop())
        #expect(seen == block + Array("end\n".utf8))
        #expect(pipe.drain() == "")
    }

    @Test(
        "what does not fit is dropped by lines, counted, and told in a line when there is room",
        arguments: [
            (
                LogFormat.json,
                "{\"time\":\"1970-01-01T00:00:00.007Z\",\"level\":\"warn\",\"message\":\"log lines were dropped\",\"lines\":7}\n"
            ),
            (.human, "1970-01-01T00:00:00.007Z WARN  log lines were dropped lines=7\n"),
        ])
    func dropped(format: LogFormat, notice: String) throws {
        let pipe = try Pipe()
        let writer = try LogWriter(descriptor: pipe.writing, format: format, limit: 20, now: { 7 })
        writer.submit(Array("twelve bytes\n".utf8))
        writer.submit(lines(5))
        writer.submit(lines(2, "again"))
        writer.submit(Array("fits\n".utf8))
        #expect(writer.droppedLines == 7)
        try writer.start()
        #expect(writer.stop())
        #expect(pipe.drain() == "twelve bytes\nfits\n" + notice)
        #expect(writer.droppedLines == 7)
    }

    @Test("a reader that stalls makes lines drop, never the caller wait, and every line is accounted for")
    func stalled() throws {
        let pipe = try Pipe()
        let writer = try LogWriter(descriptor: pipe.writing, format: .json, limit: 100_000)
        try writer.start()
        let block = lines(100)
        // Far more than the pipe and the queue hold together.
        for _ in 0..<2000 { writer.submit(block) }
        #expect(writer.droppedLines > 0)
        #expect(!writer.stop(patience: 1))
        // Now the reader wakes up, and the writer gets to its end.
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while !writer.stop(patience: 0) {
            var ready = pollfd(fd: pipe.reading, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, 10) > 0 else { continue }
            let length = read(pipe.reading, &chunk, chunk.count)
            bytes += chunk[..<max(length, 0)]
        }
        let text = String(decoding: bytes, as: UTF8.self) + pipe.drain()
        let all = text.split(separator: "\n")
        let told = all.filter { $0.contains("log lines were dropped") }.compactMap { line in
            line.split(separator: ":").last.flatMap { Int($0.dropLast()) }
        }
        #expect(told.reduce(0, +) == writer.droppedLines)
        #expect(all.count { $0.hasPrefix("line ") } + writer.droppedLines == 200_000)
    }

    @Test("a reader that is gone costs the lines, and neither the process nor a busy thread")
    func gone() throws {
        let pipe = try Pipe()
        close(pipe.reading)
        let writer = try LogWriter(descriptor: pipe.writing, format: .json)
        try writer.start()
        writer.submit(lines(3))
        #expect(writer.stop())
        #expect(writer.droppedLines == 3)
        close(pipe.writing)
    }

    @Test("after stop lines are dropped and counted, and a second stop answers at once")
    func afterStop() throws {
        let pipe = try Pipe()
        let writer = try LogWriter(descriptor: pipe.writing, format: .json)
        try writer.start()
        #expect(writer.stop())
        writer.submit(lines(4))
        #expect(writer.droppedLines == 4)
        #expect(writer.stop())
        #expect(pipe.drain() == "")
    }

    @Test("a writer that was never started has nothing to wait for")
    func neverStarted() throws {
        let pipe = try Pipe()
        let writer = try LogWriter(descriptor: pipe.writing, format: .json)
        #expect(!writer.stop())
        #expect(pipe.drain() == "")
    }
}
