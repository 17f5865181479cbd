import Testing

@testable import Redis

@Suite("The address of a Redis") struct RedisAddressTests {
    @Test("a host alone is enough")
    func plain() throws {
        let address = try RedisAddress("redis://cache")
        #expect(address.host == "cache" && address.port == "6379" && address.database == 0)
        #expect(address.user == nil && address.password == nil)
    }

    @Test("all of it is read, and what is percent-encoded is decoded")
    func whole() throws {
        let address = try RedisAddress("Redis://mart%3Alet:p%40ss%2Fword@[::1]:7000/15")
        #expect(address.host == "::1" && address.port == "7000" && address.database == 15)
        #expect(address.user == "mart:let" && address.password == "p@ss/word")
    }

    @Test("a password without a user, and a slash without a number")
    func parts() throws {
        let address = try RedisAddress("redis://:secret@127.0.0.1/")
        #expect(address.user == nil && address.password == "secret" && address.database == 0)
    }

    @Test("TLS is refused in so many words, since it would not be there")
    func tls() {
        #expect(throws: RedisAddress.Fault(description: "asks for TLS to Redis, which Martlet does not speak: tunnel it, or use redis://"))
        {
            try RedisAddress("rediss://cache")
        }
    }

    @Test(
        "what is no address is refused, and nothing of it is told",
        arguments: [
            "cache:6379", "http://cache", "redis://", "redis://:6379", "redis://cache:0", "redis://cache:70000", "redis://cache:x",
            "redis://cache/x", "redis://cache/-1", "redis://cache/1?ssl=true", "redis://sesame@cache", "redis://:ses%2same@cache",
            "redis://:ses%zzame@cache", "redis://[::1", "redis://[::1]x", "redis://cache/99999999999999999999",
        ])
    func bad(url: String) {
        #expect { try RedisAddress(url) } throws: { error in
            let words = "\(error as? RedisAddress.Fault, default: "")"
            return error is RedisAddress.Fault && !words.contains("ses")
        }
    }
}
