import Codec
import Harness

/// Tokens and keys from anybody: nothing is taken but what was signed, and of that not a character may change.
@main struct FuzzTokens {
    static func main() {
        fuzz { input in
            var choices = Choices(input)
            switch choices.byte() % 5 {
            case 0: takesOnlyWhatWasSigned(choices)
            case 1: takesWhatItSigned(choices)
            case 2: obeysNoHeader(choices)
            case 3: readsTimes(choices)
            default: readsKeys(choices.rest)
            }
        }
    }

    private static let secret = Array("a secret that is long enough to be one".utf8)

    private static let keys: TokenKeys = {
        // The public keys of RFC 7515 A.3 and RFC 8037 A.2: keys of several kinds in one set, as after a change of issuer.
        let jwks =
            #"{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},"#
            + #"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#
        do { return TokenKeys(try TokenKeys(jwks: Array(jwks.utf8)).keys + [try TokenKey(secret: secret, id: "us")]) } catch {
            fatalError("\(error)")
        }
    }()

    private static func verify(_ text: [UInt8]) -> Token? { text.withUnsafeBytes { try? Token.verify($0, keys: keys) } }

    private static func takesOnlyWhatWasSigned(_ choices: Choices) {
        var choices = choices
        let place = choices.number(below: 1 << 16)
        let change = choices.byte()
        let text = Array(choices.rest)
        guard let token = verify(text) else { return }
        check(text.split(separator: UInt8(ascii: ".")).count == 3, "a token that is not three parts")
        check(text.count <= Token.longest, "a token that is too long")
        changed(text, at: place, by: change).map { check(verify($0) == nil, "a changed token is taken: \(token)") }
    }

    private static func takesWhatItSigned(_ choices: Choices) {
        var choices = choices
        let place = choices.number(below: 1 << 16)
        let change = choices.byte()
        let claims = Array(choices.rest)
        guard let key = keys.keys.last else { return }
        let text = Array(Token.sign(claims: claims, with: key).utf8)
        check(verify(text)?.payload == claims, "what was signed is refused")
        changed(text, at: place, by: change).map {
            check(verify($0) == nil, "a changed token is taken: \(String(decoding: $0, as: UTF8.self))")
        }
    }

    /// A token whose signature is good, with any header: it must say our algorithm, and no more than we understand.
    private static func obeysNoHeader(_ choices: Choices) {
        let header = Array(choices.rest)
        let signed = "\(Base64.encode(header, .url, padded: false)).e30"
        let code = HMACKey(secret).code(of: Array(signed.utf8))
        guard let token = verify(Array("\(signed).\(Base64.encode(code, .url, padded: false))".utf8)) else { return }
        let said = try? JSONValue(parsing: header)
        check(said?["alg"] == .text("HS256") && said?["crit"] == nil, "a header is obeyed: \(String(decoding: header, as: UTF8.self))")
        check(said?["kid"]?.string == token.keyID && (token.keyID ?? "us") == "us", "another key than it says")
    }

    private static func readsTimes(_ choices: Choices) {
        var choices = choices
        let now = choices.number(below: 1 << 16)
        let payload = Array(choices.rest)
        guard let key = keys.keys.last, let token = verify(Array(Token.sign(claims: payload, with: key).utf8)) else { return }
        let isGood = (try? token.checkTimes(now: Timestamp(milliseconds: Int64(now) * 1000))) != nil
        guard let claims = try? token.claims() else { return }
        guard let expiry = time(claims["exp"]), let start = time(claims["nbf"]) else {
            return check(!isGood, "a time that is no number is taken: \(claims)")
        }
        check(isGood == (Double(now) < (expiry ?? .infinity) && Double(now) >= (start ?? -.infinity)), "\(claims) at \(now): \(isGood)")
    }

    /// The number a claim holds; nil within when there is no such claim, nil when there is and it is no number.
    private static func time(_ claim: JSONValue?) -> Double?? {
        guard let claim else { return .some(nil) }
        guard let number = claim.double else { return nil }
        return number
    }

    private static func readsKeys(_ bytes: UnsafeRawBufferPointer) {
        if let set = try? TokenKeys(jwks: Array(bytes)) {
            check((1...TokenKeys.most).contains(set.keys.count), "\(set.keys.count) keys")
            check(set.keys.allSatisfy { $0.algorithm != .hs256 }, "a secret in a set of public keys")
        }
        _ = try? TokenKey(pem: String(decoding: bytes, as: UTF8.self))
        if (try? TokenKey(secret: Array(bytes))) != nil {
            check((try? TokenKey(pem: String(decoding: bytes, as: UTF8.self))) == nil, "a public key that is taken for a secret")
            check((try? TokenKeys(jwks: Array(bytes))) == nil, "a set of keys that is taken for a secret")
        }
    }

    /// `text` with one character changed; nil when the change is none.
    private static func changed(_ text: [UInt8], at place: Int, by change: UInt8) -> [UInt8]? {
        guard change != 0, !text.isEmpty else { return nil }
        var text = text
        text[place % text.count] ^= change
        return text
    }
}
