import Codec
import Testing

/// Keys and tokens of RFC 7515 (A.1 to A.3) and RFC 8037 (A.4).
enum Vectors {
    static let payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    static let secret =
        Base64.decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow", .url, padded: false) ?? []
    static let hs256 = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\(payload).dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    static let rsa =
        #"{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}"#
    static let rs256 =
        "eyJhbGciOiJSUzI1NiJ9.\(payload).cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    static let ec =
        #"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#
    static let es256 =
        "eyJhbGciOiJFUzI1NiJ9.\(payload).DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    static let okp = #"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#
    static let edDSA =
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"

    static func keys(_ jwk: String) throws -> TokenKeys { try TokenKeys(jwks: Array(jwk.utf8)) }

    /// A token of any header and payload, signed with `secret`.
    static func forged(header: String, payload: String, secret: [UInt8]) -> String {
        let text = [header, payload].map { Base64.encode(Array($0.utf8), .url, padded: false) }.joined(separator: ".")
        return text + "." + Base64.encode(HMACKey(secret).code(of: Array(text.utf8)), .url, padded: false)
    }
}

@Suite("Tokens") struct TokenTests {
    let secret = Array("0123456789abcdef0123456789abcdef".utf8)

    private func keys() throws -> TokenKeys { TokenKeys([try TokenKey(secret: secret)]) }

    @Test("what was signed verifies") func signed() throws {
        let key = try TokenKey(secret: secret)
        let text = Token.sign(claims: Array(#"{"sub":"a","exp":2}"#.utf8), with: key)
        let token = try Token.verify(text, keys: TokenKeys([key]))
        #expect(try token.claims()["sub"] == .text("a") && token.keyID == nil)
    }

    @Test("the standards' own tokens verify with their keys") func standards() throws {
        let hmac = TokenKeys([try TokenKey(secret: Vectors.secret)])
        #expect(try Token.verify(Vectors.hs256, keys: hmac).claims()["iss"] == .text("joe"))
        for (token, key) in [(Vectors.rs256, Vectors.rsa), (Vectors.es256, Vectors.ec)] {
            #expect(try Token.verify(token, keys: Vectors.keys(key)).claims()["exp"] == .integer(1_300_819_380))
        }
        let plain = try Token.verify(Vectors.edDSA, keys: Vectors.keys(Vectors.okp))
        #expect(plain.payload == Array("Example of Ed25519 signing".utf8))
        #expect(throws: Token.Fault.malformed) { try plain.claims() }
    }

    @Test("a change of any character is noticed") func tampered() throws {
        let hmac = TokenKeys([try TokenKey(secret: Vectors.secret)])
        for (token, keys) in [
            (Vectors.hs256, hmac), (Vectors.es256, try Vectors.keys(Vectors.ec)), (Vectors.edDSA, try Vectors.keys(Vectors.okp)),
            (Vectors.rs256, try Vectors.keys(Vectors.rsa)),
        ] {
            let bytes = Array(token.utf8)
            for place in bytes.indices {
                var changed = bytes
                changed[place] = bytes[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
                #expect(throws: Token.Fault.self) { try changed.withUnsafeBytes { try Token.verify($0, keys: keys) } }
            }
        }
    }

    @Test("a key of the right kind and the wrong value is no key") func otherKey() throws {
        #expect(throws: Token.Fault.badSignature) { try Token.verify(Vectors.hs256, keys: keys()) }
    }

    @Test("the key decides the algorithm: a public key never serves as a secret") func confusion() throws {
        let der = Base64.decode("MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=") ?? []
        let pem = "-----BEGIN PUBLIC KEY-----\n\(Base64.encode(der))\n-----END PUBLIC KEY-----\n"
        for secret in [Array(pem.utf8), der, Array(Vectors.okp.utf8), Array(Vectors.rsa.utf8)] {
            let forged = Vectors.forged(header: #"{"alg":"HS256"}"#, payload: "{}", secret: secret)
            #expect(throws: Token.Fault.noKey) { try Token.verify(forged, keys: Vectors.keys(Vectors.okp)) }
            #expect(throws: TokenKey.Fault.notASecret) { try TokenKey(secret: secret) }
        }
        #expect(try TokenKey(pem: pem).algorithm == .edDSA)
        #expect(throws: Token.Fault.noKey) { try Token.verify(Vectors.rs256, keys: Vectors.keys(Vectors.ec)) }
        #expect(throws: Token.Fault.noKey) { try Token.verify(Vectors.es256, keys: keys()) }
        #expect(throws: Token.Fault.noKey) { try Token.verify(Vectors.es256, keys: TokenKeys([])) }
    }

    @Test(
        "headers that are refused, though the signature is good",
        arguments: [
            (#"{"alg":"none"}"#, Token.Fault.algorithm), (#"{"alg":"None"}"#, .algorithm), (#"{"alg":"hs256"}"#, .algorithm),
            (#"{"alg":"HS512"}"#, .algorithm),
            (#"{"alg":"HS256","crit":["exp"]}"#, .critical), (#"{"alg":"HS256","crit":[]}"#, .critical), (#"{"alg":5}"#, .malformed),
            (#"{}"#, .malformed),
            (#"{"alg":"HS256","alg":"none"}"#, .malformed), (#"{"alg":"HS256","kid":7}"#, .malformed), (#"["HS256"]"#, .malformed),
            ("", .malformed),
        ])
    func headers(_ header: String, _ expected: Token.Fault) throws {
        let forged = Vectors.forged(header: header, payload: "{}", secret: secret)
        #expect(throws: expected) { try Token.verify(forged, keys: keys()) }
    }

    @Test(
        "shapes that are no token",
        arguments: ["", ".", "..", "a.b", "a.b.c.d", "....", "eyJhbGciOiJIUzI1NiJ9..", "eyJhbGciOiJub25lIn0.e30."])
    func shapes(_ text: String) throws { #expect(throws: Token.Fault.self) { try Token.verify(text, keys: keys()) } }

    @Test("base64 that is not canonical is refused") func canonical() throws {
        let key = TokenKeys([try TokenKey(secret: Vectors.secret)])
        // The last of 43 characters holds two bits that mean nothing; another spelling of the same bytes is another token.
        for token in [Vectors.hs256.dropLast() + "l", Vectors.hs256 + "=", Vectors.hs256 + "\n", " " + Vectors.hs256] {
            #expect(throws: Token.Fault.malformed) { try Token.verify(String(token), keys: key) }
        }
    }

    @Test("eight KiB and no more") func tooLong() throws {
        let long = Vectors.forged(header: #"{"alg":"HS256"}"#, payload: String(repeating: " ", count: 6200), secret: secret)
        #expect(throws: Token.Fault.tooLong) { try Token.verify(long, keys: keys()) }
        let fits = Vectors.forged(header: #"{"alg":"HS256"}"#, payload: String(repeating: " ", count: 6000), secret: secret)
        #expect(throws: Never.self) { try Token.verify(fits, keys: keys()) }
    }

    @Test("a kid chooses among keys, and a key without one serves for all") func keyIDs() throws {
        let other = Array("another secret that is long too.".utf8)
        let set = TokenKeys([try TokenKey(secret: other, id: "a"), try TokenKey(secret: secret, id: "b")])
        func token(_ header: String) -> String { Vectors.forged(header: header, payload: "{}", secret: secret) }
        #expect(try Token.verify(token(#"{"alg":"HS256","kid":"b"}"#), keys: set).keyID == "b")
        #expect(throws: Never.self) { try Token.verify(token(#"{"alg":"HS256"}"#), keys: set) }
        #expect(throws: Token.Fault.badSignature) { try Token.verify(token(#"{"alg":"HS256","kid":"a"}"#), keys: set) }
        #expect(throws: Token.Fault.noKey) { try Token.verify(token(#"{"alg":"HS256","kid":"c"}"#), keys: set) }
        #expect(throws: Never.self) { try Token.verify(token(#"{"alg":"HS256","kid":"c"}"#), keys: keys()) }
    }

    @Test(
        "times",
        arguments: [
            (#"{"exp":100}"#, 99, 0, nil), (#"{"exp":100}"#, 100, 0, .expired), (#"{"exp":100}"#, 104, 5, nil),
            (#"{"exp":100}"#, 105, 5, .expired),
            (#"{"exp":100.5}"#, 100, 0, nil), (#"{"nbf":100}"#, 99, 0, .notYet), (#"{"nbf":100}"#, 100, 0, nil),
            (#"{"nbf":100}"#, 95, 5, nil),
            ("{}", 0, 0, nil), (#"{"exp":"100"}"#, 0, 0, .malformed), (#"{"exp":null}"#, 0, 0, .malformed),
            (#"{"exp":1e999}"#, 0, 0, .malformed),
            (#"{"exp":100,"exp":200}"#, 99, 0, .malformed), ("[]", 0, 0, .malformed), ("", 0, 0, .malformed),
            (#"{"exp":-1}"#, 0, 0, .expired),
        ] as [(String, Int64, Int, Token.Fault?)])
    func times(_ claims: String, _ now: Int64, _ leeway: Int, _ expected: Token.Fault?) throws {
        let key = try TokenKey(secret: secret)
        let token = try Token.verify(Token.sign(claims: Array(claims.utf8), with: key), keys: TokenKeys([key]))
        do throws(Token.Fault) {
            try token.checkTimes(now: Timestamp(seconds: now), leeway: leeway)
            #expect(expected == nil)
        } catch { #expect(error == expected) }
    }

    @Test("an expiry may be asked for") func noExpiry() throws {
        let key = try TokenKey(secret: secret)
        let token = try Token.verify(Token.sign(claims: Array("{}".utf8), with: key), keys: TokenKeys([key]))
        #expect(throws: Token.Fault.noExpiry) { try token.checkTimes(now: Timestamp(seconds: 0), requiresExpiry: true) }
    }
}

@Suite("Token keys") struct TokenKeyTests {
    @Test("a set of keys passes over what it does not take") func set() throws {
        let set = try Vectors.keys(
            #"{"keys":[\#(Vectors.rsa),{"kty":"oct","k":"AAAA"},{"kty":"EC","crv":"P-384","x":"AA","y":"AA"},{"kty":"what"},\#(Vectors.okp)]}"#
        )
        #expect(set.keys.map(\.algorithm) == [.rs256, .edDSA])
    }

    @Test(
        "keys that are refused",
        arguments: [
            ("", TokenKey.Fault.malformed), ("{}", .malformed), (#"{"keys":{}}"#, .malformed), (#"{"keys":[]}"#, .unsupported),
            (#"{"keys":[1]}"#, .malformed),
            (#"{"kty":"oct","k":"AAAA"}"#, .unsupported), (#"{"kty":"RSA","n":"AQAB"}"#, .malformed),
            (#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#, .unsupported),
            (#"{"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#, .unsupported),
            (#"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#, .malformed),
            (
                #"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}"#,
                .malformed
            ),
            (#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","use":"enc"}"#, .unsupported),
            (#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","alg":"ES256"}"#, .unsupported),
            (#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","key_ops":["sign"]}"#, .unsupported),
            (#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#, .malformed),
        ])
    func refused(_ jwk: String, _ expected: TokenKey.Fault) { #expect(throws: expected) { try Vectors.keys(jwk) } }

    @Test("a short RSA key is unfit") func shortRSA() throws {
        let value = try JSONValue(parsing: Array(#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#.utf8))
        #expect(throws: TokenKey.Fault.unfitSize) { try TokenKey(jwk: value) }
    }

    @Test("an empty secret is none") func emptySecret() { #expect(throws: TokenKey.Fault.unfitSize) { try TokenKey(secret: []) } }

    @Test("PEM of other curves, of private keys and of nothing") func pem() {
        let secp256k1 = """
            -----BEGIN PUBLIC KEY-----
            MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAECZXlBma5I3LoMrhIT/qLPKbKzrhjf82z
            uRtDj5YSrPryrvGIcn/8aud2e2RwriEBmPN+vVmv+ehk+704Ysemvg==
            -----END PUBLIC KEY-----
            """
        let private25519 = """
            -----BEGIN MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fATE KEY-----
            MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f
            -----END MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fATE KEY-----
            """
        #expect(throws: TokenKey.Fault.unsupported) { try TokenKey(pem: secp256k1) }
        #expect(throws: TokenKey.Fault.malformed) { try TokenKey(pem: private25519) }
        #expect(throws: TokenKey.Fault.malformed) { try TokenKey(pem: "") }
        #expect(throws: TokenKey.Fault.malformed) { try TokenKey(pem: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n") }
    }
}
