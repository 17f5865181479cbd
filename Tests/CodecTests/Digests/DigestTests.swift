import Codec
import Testing

private func hex(_ text: String) -> [UInt8] { Hex.decode(text) ?? [] }
private func bytes(_ value: UInt8, _ count: Int) -> [UInt8] { [UInt8](repeating: value, count: count) }

@Suite("Digests") struct DigestTests {
    @Test(
        "SHA-256 of the standard's examples",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func sha256(_ text: String, _ expected: String) { #expect(Hex.encode(SHA256.digest(Array(text.utf8))) == expected) }

    @Test("a million bytes in pieces") func pieces() {
        var digest = SHA256()
        for _ in 0..<1000 { digest.update(bytes(0x61, 1000)) }
        #expect(Hex.encode(digest.finish()) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test(
        "HMAC-SHA256 as RFC 4231 has it",
        arguments: [
            (bytes(0x0B, 20), Array("Hi There".utf8), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (bytes(0xAA, 20), bytes(0xDD, 50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            (
                bytes(0xAA, 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
        ])
    func hmac(_ key: [UInt8], _ data: [UInt8], _ expected: String) {
        let key = HMACKey(key)
        #expect(Hex.encode(key.code(of: data)) == expected)
        #expect(Hex.encode(key.code(of: data)) == expected, "a key can be used again")
        #expect(data.withUnsafeBytes { key.verifies(hex(expected), of: $0) })
        #expect(!data.withUnsafeBytes { key.verifies(bytes(0, 32), of: $0) })
    }

    @Test(
        "HMAC-SHA1 as RFC 2202 has it",
        arguments: [
            (bytes(0x0B, 20), Array("Hi There".utf8), "b617318655057264e28bc0b6fb378c8ef146be00"),
            (Array("Jefe".utf8), Array("what do ya want for nothing?".utf8), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            (bytes(0xAA, 20), bytes(0xDD, 50), "125d7342b9ac11cd91a39af48aa17b4f63f175d3"),
            (
                bytes(0xAA, 80), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                "aa4ae5e15272d00e95705637ce8a3b55ed402112"
            ),
        ])
    func hmacSHA1(_ key: [UInt8], _ data: [UInt8], _ expected: String) {
        #expect(Hex.encode(HMACSHA1.code(of: data, key: key)) == expected)
    }

    @Test(
        "HKDF-SHA256 as RFC 5869 has it",
        arguments: [
            (
                bytes(0x0B, 22), hex("000102030405060708090a0b0c"), hex("f0f1f2f3f4f5f6f7f8f9"),
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
            ),
            (
                Array(0x00...0x4F), Array(0x60...0xAF), Array(0xB0...0xFF),
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
            ),
            (bytes(0x0B, 22), [], [], "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"),
        ] as [([UInt8], [UInt8], [UInt8], String)])
    func hkdf(_ secret: [UInt8], _ salt: [UInt8], _ info: [UInt8], _ expected: String) {
        #expect(Hex.encode(HKDF.derive(expected.utf8.count / 2, from: secret, salt: salt, info: info)) == expected)
    }

    @Test("bytes are the same or they are not") func equal() {
        #expect(Secret.areEqual([1, 2], [1, 2]) && Secret.areEqual([], []))
        #expect(!Secret.areEqual([1, 2], [1, 3]) && !Secret.areEqual([1, 2], [1, 2, 3]))
    }

    @Test("hexadecimal digits in either case, in pairs") func digits() {
        #expect(Hex.encode([0, 0x9A, 0xFF]) == "009aff" && Hex.decode("009aFF") == [0, 0x9A, 0xFF])
        #expect(Hex.decode("0") == nil && Hex.decode("0g") == nil && Hex.decode("é") == nil)
    }
}
