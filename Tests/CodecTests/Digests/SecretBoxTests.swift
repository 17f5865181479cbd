import Codec
import Testing

@Suite("Sealed secrets") struct SecretBoxTests {
    private let key = (0..<32).map { UInt8($0) }
    private let nonce = (0..<24).map { UInt8(200 - $0) }

    @Test("what is sealed is opened again, empty or not", arguments: [[], [7], Array("a secret of twenty b".utf8)] as [[UInt8]])
    func opens(bytes: [UInt8]) {
        let sealed = SecretBox(key: key).seal(bytes, nonce: nonce)
        #expect(sealed.count == bytes.count + 40)
        #expect(SecretBox(key: key).open(sealed) == bytes)
    }

    /// From libsodium's own test of `crypto_secretbox`: the beginning of NaCl's example.
    @Test("it is NaCl's secretbox")
    func vector() {
        let key: [UInt8] = [
            0x1b, 0x27, 0x55, 0x64, 0x73, 0xe9, 0x85, 0xd4, 0x62, 0xcd, 0x51, 0x19, 0x7a, 0x9a, 0x46, 0xc7, 0x60, 0x09, 0x54, 0x9e, 0xac,
            0x64, 0x74, 0xf2, 0x06, 0xc4, 0xee, 0x08, 0x44, 0xf6, 0x83, 0x89,
        ]
        let nonce: [UInt8] = [
            0x69, 0x69, 0x6e, 0xe9, 0x55, 0xb6, 0x2b, 0x73, 0xcd, 0x62, 0xbd, 0xa8, 0x75, 0xfc, 0x73, 0xd6, 0x82, 0x19, 0xe0, 0x03, 0x6b,
            0x7a, 0x0b, 0x37,
        ]
        let message: [UInt8] = [0xbe, 0x07, 0x5f, 0xc5, 0x3c, 0x81, 0xf2, 0xd5, 0xcf, 0x14, 0x13, 0x16, 0xeb, 0xeb, 0x0c, 0x7b]
        let sealed = SecretBox(key: key).seal(message, nonce: nonce)
        #expect(Array(sealed[40...].prefix(8)) == [0x8e, 0x99, 0x3b, 0x9f, 0x48, 0x68, 0x12, 0x73])
        #expect(SecretBox(key: key).open(sealed) == message)
    }

    @Test("a changed byte, wherever it is, is noticed")
    func changed() {
        let box = SecretBox(key: key)
        let sealed = box.seal(Array("secret".utf8), nonce: nonce)
        for at in sealed.indices {
            var other = sealed
            other[at] ^= 1
            #expect(box.open(other) == nil)
        }
    }

    @Test("another key opens nothing, nor does anything too short to be a box")
    func foreign() {
        let sealed = SecretBox(key: key).seal(Array("secret".utf8), nonce: nonce)
        #expect(SecretBox(key: key.reversed()).open(sealed) == nil)
        #expect(SecretBox(key: key).open([]) == nil)
        #expect(SecretBox(key: key).open(Array(sealed.prefix(39))) == nil)
    }
}
