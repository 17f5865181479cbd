import Codec
import Testing

/// The secret of RFC 4226 and RFC 6238.
private let secret = Array("12345678901234567890".utf8)

@Suite("One-time codes") struct TOTPTests {
    let totp = TOTP(secret: secret)

    @Test("RFC 4226's codes, by their count") func counts() {
        let expected = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]
        #expect((0..<10).map { totp.code(at: $0) } == expected)
    }

    @Test(
        "RFC 6238's codes, by their time; of its eight digits the last six",
        arguments: [
            (59, "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"), (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"), (20_000_000_000, "65353130"),
        ] as [(Int64, String)])
    func times(_ seconds: Int64, _ expected: String) {
        let now = Timestamp(seconds: seconds)
        #expect(totp.code(at: TOTP.step(at: now)) == String(expected.suffix(6)))
        #expect(totp.step(of: String(expected.suffix(6)), at: now) == seconds / 30)
    }

    @Test("a code is good in its own step and in those beside it, and tells its step") func window() {
        let code = totp.code(at: 1000)
        for (step, expected) in [(998, nil), (999, 1000), (1000, 1000), (1001, 1000), (1002, nil)] as [(Int64, Int64?)] {
            #expect(totp.step(of: code, at: Timestamp(seconds: step * 30)) == expected)
            #expect(totp.step(of: code, at: Timestamp(milliseconds: step * 30_000 + 29_999)) == expected)
        }
    }

    @Test("a code that two steps share is the later one's") func shared() {
        // The first neighbours with the same code.
        #expect(totp.code(at: 910_737) == "911617" && totp.code(at: 910_738) == "911617")
        for step: Int64 in 910_737...910_738 { #expect(totp.step(of: "911617", at: Timestamp(seconds: step * 30)) == 910_738) }
    }

    @Test("blanks do not count") func blanks() { #expect(totp.step(of: " 755 224 ", at: Timestamp(seconds: 0)) == 0) }

    @Test(
        "what is no code is refused",
        arguments: ["", "755225", "75522", "7552240", "75522a", "０５５２２４", "755224\n", "-55224", "755,224"])
    func others(_ code: String) { #expect(totp.step(of: code, at: Timestamp(seconds: 0)) == nil) }

    @Test("another secret's code is refused") func otherSecret() {
        #expect(TOTP(secret: Array("12345678901234567891".utf8)).step(of: "755224", at: Timestamp(seconds: 0)) == nil)
    }

    @Test("the address that apps read") func uri() {
        #expect(
            totp.uri(issuer: "Möwe: Help & Co", account: "a+b@example.org")
                == "otpauth://totp/M%C3%B6we%20Help%20%26%20Co:a%2Bb%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
                + "&issuer=M%C3%B6we%20Help%20%26%20Co&algorithm=SHA1&digits=6&period=30")
    }
}
