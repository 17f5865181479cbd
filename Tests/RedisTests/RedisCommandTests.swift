import Testing

@testable import Redis

@Suite("Redis' protocol") struct RedisCommandTests {
    @Test("a command is its words, each with its length, so that no word can end it")
    func command() {
        let bytes = RedisCommand("SET", "a\r\nb", "ä").bytes
        #expect(String(decoding: bytes, as: UTF8.self) == "*3\r\n$3\r\nSET\r\n$4\r\na\r\nb\r\n$2\r\nä\r\n")
    }

    @Test("replies are read as they come, cut anywhere")
    func replies() throws {
        let text = "+OK\r\n-ERR no\r\n:42\r\n$3\r\na\r\n\r\n$-1\r\n*3\r\n$1\r\nx\r\n:-1\r\n*0\r\n*-1\r\n"
        let expected: [RedisReply] = [
            .status("OK"), .error("ERR no"), .integer(42), .bytes([97, 13, 10]), .null, .list([.bytes([120]), .integer(-1), .list([])]),
            .null,
        ]
        for length in 1...Array(text.utf8).count {
            let reader = ReplyReader()
            var found: [RedisReply] = []
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                try Array(rest.prefix(length)).withUnsafeBytes { try reader.feed($0) }
                rest = rest.dropFirst(length)
                while let reply = try reader.next() { found.append(reply) }
            }
            #expect(found == expected)
        }
    }

    @Test("what is no reply is told", arguments: ["?what\r\n", "HTTP/1.1 400\r\n", "$-7\r\n", ":12x\r\n", "*99999999999999999999\r\n"])
    func broken(text: String) {
        #expect(throws: ReplyReader.Broken.self) {
            let reader = ReplyReader()
            try Array(text.utf8).withUnsafeBytes { try reader.feed($0) }
            _ = try reader.next()
        }
    }

    @Test(
        "a reply that says it is longer than any of ours is not waited for",
        arguments: ["$4000000000\r\n", "*65536\r\n", "*1\r\n*1\r\n$99999999\r\n"])
    func endless(beginning: String) {
        #expect(throws: ReplyReader.Broken.self) {
            let reader = ReplyReader(mostBytes: 100_000)
            try Array(beginning.utf8).withUnsafeBytes { try reader.feed($0) }
            // A sound part of it, again and again.
            let part = Array((beginning.hasPrefix("*6") ? ":1\r\n" : "xxxx").utf8)
            for _ in 0..<50_000 {
                try part.withUnsafeBytes { try reader.feed($0) }
                _ = try reader.next()
            }
        }
    }

    @Test("room is not made for more parts than a reply can have", arguments: ["*65537\r\n", "*2147483647\r\n", "*1\r\n*2147483647\r\n"])
    func manyParts(text: String) {
        #expect(throws: ReplyReader.Broken.self) {
            let reader = ReplyReader()
            try Array(text.utf8).withUnsafeBytes { try reader.feed($0) }
            _ = try reader.next()
        }
    }

    @Test("many replies one after the other are no long one")
    func manyReplies() throws {
        let reader = ReplyReader(mostBytes: 100)
        for _ in 0..<1_000 {
            try Array("$3\r\nabc\r\n".utf8).withUnsafeBytes { try reader.feed($0) }
            #expect(try reader.next() == .bytes([97, 98, 99]))
        }
    }
}
