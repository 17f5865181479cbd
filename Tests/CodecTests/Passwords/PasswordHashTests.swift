import Codec
import Testing

@Suite("Passwords") struct PasswordHashTests {
    @Test("what was made verifies, and nothing else does") func made() throws {
        let hash = try #require(PasswordHash.make("pä55wörd"))
        #expect(hash.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(PasswordHash.verify("pä55wörd", hash))
        #expect(!PasswordHash.verify("pä55worD", hash) && !PasswordHash.verify("", hash))
        #expect(!PasswordHash.needsRehash(hash))
        #expect(PasswordHash.make("pä55wörd") != hash, "each has a salt of its own")
    }

    @Test("a NUL is part of a password") func nul() throws {
        let hash = try #require(PasswordHash.make("a\0b"))
        #expect(PasswordHash.verify("a\0b", hash) && !PasswordHash.verify("a", hash))
    }

    @Test("the reference implementation's Argon2id hash verifies and wants to be made anew") func argon2() {
        let hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
        #expect(PasswordHash.verify("password", hash) && !PasswordHash.verify("Password", hash))
        #expect(PasswordHash.needsRehash(hash))
    }

    @Test(
        "known bcrypt hashes verify, under each of their names",
        arguments: [
            ("U*U", "05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
            ("", "06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s."),
            ("a", "06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"),
            ("abc", "06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"),
        ])
    func bcrypt(_ password: String, _ rest: String) {
        for name in ["$2a$", "$2b$", "$2y$"] {
            #expect(PasswordHash.verify(password, name + rest))
            #expect(!PasswordHash.verify(password + "x", name + rest))
            #expect(!PasswordHash.verify(password + "\0", name + rest), "bcrypt would stop at the NUL")
            #expect(PasswordHash.needsRehash(name + rest))
        }
    }

    @Test(
        "other hashes, and costs that would stop the machine, never fit",
        arguments: [
            "", "password", "$1$salt$qJH7.N4xYta3aEG/dfqo/0",
            "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$IMit9qkFULCMA/ViizL57cnTLOa5DiVM9eMwpAvPwr4",
            "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            "$argon2id$v=19$m=65536,t=4000000,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "$argon2id$",
            "$2a$31$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i",
            "$2x$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0",
            "*0", "*1",
        ])
    func refused(_ hash: String) {
        for password in ["password", "abc", ""] { #expect(!PasswordHash.verify(password, hash)) }
        #expect(PasswordHash.needsRehash(hash))
    }
}
