import Loop
import Testing

@testable import Redis

@Suite("A client of Redis", .enabled(if: TestServer.isThere, TestServer.absence), .timeLimit(.minutes(2)))
struct RedisClientTests {
    @Test("commands in one piece are answered in order, each by its own reply")
    func commands() async throws {
        try await withClient { bench in
            try await bench.up()
            let replies = await bench.client.send(
                RedisCommand("DEL", "commands"), RedisCommand("INCRBY", "commands", "7"), RedisCommand("GET", "commands"),
                RedisCommand("HGET", "commands", "x"), RedisCommand("DEL", "commands"))
            let found = try #require(replies)
            #expect(found[1] == .integer(7) && found[2] == .bytes(Array("7".utf8)) && found[3].isError && found[4] == .integer(1))
        }
    }

    @Test("thousands from many tasks and another loop all get theirs")
    func many() async throws {
        try await withClient { bench in
            try await bench.up()
            let other = try EventLoop()
            let thread = other.start(named: "other-loop")
            let wrong = Locked(0)
            let tasks = (0..<40).map { task in
                (task % 2 == 0 ? bench.loop : other).spawn {
                    for number in 0..<100 {
                        let word = "\(task)-\(number)"
                        let reply = await bench.client.send(RedisCommand("ECHO", word))
                        if reply != [.bytes(Array(word.utf8))] { wrong.withLock { $0 += 1 } }
                    }
                }
            }
            for task in tasks { await task.value }
            other.stop()
            thread.join()
            #expect(wrong.withLock { $0 } == 0)
        }
    }

    @Test("answers longer than any buffer come whole")
    func long() async throws {
        try await withClient { bench in
            try await bench.up()
            let word = String(repeating: "martlet ", count: 200_000)
            let reply = await bench.client.send(RedisCommand("ECHO", word), RedisCommand("PING"))
            #expect(reply == [.bytes(Array(word.utf8)), .status("PONG")])
        }
    }

    @Test("what is published is heard by those who have subscribed, in order, on their channels alone")
    func channels() async throws {
        try await withClient(channels: ["first", "second"]) { hearing in
            try await hearing.up()
            try await withClient { telling in
                try await telling.up()
                for number in 0..<200 {
                    telling.client.publish(Array("\(number)".utf8), to: number % 2 == 0 ? "first" : "second")
                    telling.client.publish(Array("no".utf8), to: "third")
                }
                try await hearing.wait { hearing.heard.withLock { $0.count } >= 200 }
                #expect(hearing.heard.withLock { $0 } == (0..<200).map { "\($0 % 2 == 0 ? "first" : "second") \($0)" })
            }
        }
    }

    @Test("the number in the URL is the database that is used")
    func databases() async throws {
        let url = try #require(TestServer.url)
        try await withClient(url) { one in
            try await withClient(url.replacing("/1", with: "/2")) { two in
                try await one.up()
                try await two.up()
                _ = await one.client.send(RedisCommand("SET", "whose", "one"))
                #expect(await two.client.send(RedisCommand("GET", "whose")) == [.null])
                _ = await one.client.send(RedisCommand("DEL", "whose"))
            }
        }
    }

    @Test("a user of the server's lists is taken with name and password")
    func users() async throws {
        let url = try #require(TestServer.url)
        try await withClient(url) { bench in
            try await bench.up()
            let made = await bench.client.send(RedisCommand("ACL", "SETUSER", "bird", "on", ">s:esame/", "~*", "&*", "+@all"))
            #expect(made == [.status("OK")])
        }
        try await withClient(url.replacing("redis://:swordfish@", with: "redis://bird:s%3Aesame%2F@")) { bench in
            try await bench.up()
            #expect(await bench.client.send(RedisCommand("ACL", "WHOAMI")) == [.bytes(Array("bird".utf8))])
        }
    }
}
