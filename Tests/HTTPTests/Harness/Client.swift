import Codec
import Glibc
import Testing

/// Why a client heard no answer.
enum Trouble: Error, Equatable {
    /// The server closed the connection.
    case ended
    case reset
    /// Nothing came for a long time.
    case silence
    case malformed(String)
}

/// A client with a socket that blocks, and that does just what a test says.
class Client {
    let descriptor: Int32
    /// What was received and not yet read as an answer.
    var received: [UInt8] = []
    private var isClosed = false

    init(port: UInt16, from local: UInt32 = 0x7F00_0001, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        // So long only the loser of a test waits.
        set(SO_RCVTIMEO, timeval(tv_sec: 20, tv_usec: 0))
        set(SO_SNDTIMEO, timeval(tv_sec: 20, tv_usec: 0))
        if let receiveBuffer { set(SO_RCVBUF, receiveBuffer) }
        guard Self.call(bind, descriptor, local, 0) == 0, Self.call(connect, descriptor, 0x7F00_0001, port) == 0 else {
            let number = errno
            close()
            throw number == ECONNREFUSED ? Trouble.ended : Trouble.malformed("connect: \(number)")
        }
    }

    deinit { close() }

    private func set<Value: BitwiseCopyable>(_ option: Int32, _ value: Value) {
        var value = value
        setsockopt(descriptor, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<Value>.size))
    }

    private static func call(
        _ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, _ descriptor: Int32, _ address: UInt32, _ port: UInt16
    ) -> Int32 {
        var form = sockaddr_in()
        form.sin_family = sa_family_t(AF_INET)
        form.sin_port = port.bigEndian
        form.sin_addr.s_addr = address.bigEndian
        return withUnsafePointer(to: &form) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }

    // MARK: - Bytes

    func rawSend(_ bytes: UnsafeRawBufferPointer) -> Int { Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) }
    func rawReceive(_ room: UnsafeMutableRawBufferPointer) -> Int { recv(descriptor, room.baseAddress, room.count, 0) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { rawSend(UnsafeRawBufferPointer(rebasing: $0[sent...])) }
            guard count > 0 else { throw errno == EAGAIN ? Trouble.silence : Trouble.reset }
            sent += count
        }
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Sends as much as is taken until nothing is for a while. Tells how much that was.
    func sendUntilStuck(_ bytes: [UInt8], milliseconds: Int32 = 300) -> Int {
        var sent = 0
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        while sent < bytes.count, poll(&ready, 1, milliseconds) == 1 {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            guard count > 0 else { break }
            sent += count
        }
        return sent
    }

    /// Receives what is there, or waits for it. False when the server has ended its side.
    @discardableResult
    func receiveMore(atMost most: Int = 65_536) throws -> Bool {
        var room = [UInt8](repeating: 0, count: most)
        let count = room.withUnsafeMutableBytes { rawReceive($0) }
        if count > 0 {
            received += room[..<count]
            return true
        }
        if count == 0 { return false }
        throw errno == EAGAIN ? Trouble.silence : Trouble.reset
    }

    /// Whether nothing comes for so long.
    func hearsNothing(milliseconds: Int32) -> Bool {
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return received.isEmpty && poll(&ready, 1, milliseconds) == 0
    }

    /// Everything up to the connection's orderly end.
    func rest() throws -> String {
        while try receiveMore() {}
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    /// Reads until `text` was received, and gives what came before it.
    func receive(upTo text: String) throws -> String {
        let end = Array(text.utf8)
        while true {
            if let at = received.firstIndex(of: end) {
                defer { received.removeFirst(at + end.count) }
                return String(decoding: received[..<at], as: UTF8.self)
            }
            guard try receiveMore() else { throw Trouble.ended }
        }
    }

    func receive(count: Int) throws -> [UInt8] {
        while received.count < count {
            guard try receiveMore() else { throw Trouble.ended }
        }
        defer { received.removeFirst(count) }
        return Array(received[..<count])
    }

    // MARK: - Ends

    /// Ends our side, and can still receive.
    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        Glibc.close(descriptor)
    }

    /// Goes away without a word: the other side gets a reset.
    func reset() {
        set(SO_LINGER, linger(l_onoff: 1, l_linger: 0))
        close()
    }

    // MARK: - Requests

    /// Sends a request and reads its answer.
    func ask(_ method: String, _ path: String, _ fields: [String] = [], body: String? = nil) throws -> Answer {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: a\r\n"
        for field in fields { text += "\(field)\r\n" }
        if let body { text += "Content-Length: \(body.utf8.count)\r\n\r\n\(body)" } else { text += "\r\n" }
        try send(text)
        return try answer(to: method)
    }

    func get(_ path: String, _ fields: String...) throws -> Answer { try ask("GET", path, fields) }
    func post(_ path: String, _ body: String, _ fields: String...) throws -> Answer { try ask("POST", path, fields, body: body) }

    /// Reads the next answer. What it has no length for lasts to the connection's end.
    func answer(to method: String = "GET") throws -> Answer {
        let head = try receive(upTo: "\r\n\r\n")
        var answer = try Answer(head: head)
        if method == "HEAD" || answer.status < 200 || answer.status == 204 || answer.status == 304 { return answer }
        if answer["transfer-encoding"] == "chunked" {
            answer.body = try receiveChunks()
        } else if let length = answer["content-length"].flatMap({ Int($0) }) {
            answer.body = try receive(count: length)
        } else {
            while try receiveMore() {}
            answer.body = received
            received = []
        }
        return answer
    }

    private func receiveChunks() throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            guard let size = Int(try receive(upTo: "\r\n"), radix: 16) else { throw Trouble.malformed("chunk size") }
            body += try receive(count: size)
            guard try receive(count: 2) == [13, 10] else { throw Trouble.malformed("chunk end") }
            if size == 0 { return body }
        }
    }
}

struct Answer {
    let status: Int
    let line: String
    /// By name in small letters; of a repeated field all values, joined.
    let fields: [String: String]
    var body: [UInt8] = []

    init(head: String) throws {
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
        line = String(lines[0])
        guard line.hasPrefix("HTTP/1.1 "), let status = Int(line.dropFirst(9).prefix(3)) else { throw Trouble.malformed(line) }
        self.status = status
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw Trouble.malformed(String(line)) }
            let name = line[..<colon].lowercased()
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            fields[name] = fields[name].map { "\($0), \(value)" } ?? String(value)
        }
        self.fields = fields
    }

    subscript(_ name: String) -> String? { fields[name] }
    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
    /// The word of an error.
    var error: String? { json["error"]?.string }
    var isLast: Bool { self["connection"] == "close" }
}

extension [UInt8] {
    /// Where `part` first begins.
    func firstIndex(of part: [UInt8]) -> Int? {
        withUnsafeBytes { whole in
            var at = 0
            while let base = whole.baseAddress, let found = memchr(base + at, Int32(part[0]), whole.count - at) {
                at = UnsafeRawPointer(found) - base
                if whole[at...].starts(with: part) { return at }
                at += 1
            }
            return nil
        }
    }
}
