/// A JSON Web Token whose signature was checked (RFC 7519 over RFC 7515, compact form).
///
/// The key decides the algorithm, never the token: a token's `alg` only has to agree with the key's kind. So `none` and an RSA key taken
/// for an HMAC secret are refused by construction.
public struct Token: Equatable, Sendable {
    /// Longer tokens are refused before they are looked at.
    public static let longest = 8192

    /// Why a token is refused.
    public enum Fault: Error, Equatable, Sendable {
        case tooLong
        /// Not three parts of canonical base64url with a JSON header.
        case malformed
        /// `none`, or an algorithm that is not one of ours.
        case algorithm
        /// It says that it must be understood in a way that we do not (`crit`).
        case critical
        /// No key of its kind and `kid`.
        case noKey
        case badSignature
        /// Past its `exp`.
        case expired
        /// Before its `nbf`.
        case notYet
        /// No `exp`, where one is asked for.
        case noExpiry
    }

    /// The claims as they came: JSON, most likely.
    public let payload: [UInt8]
    /// What the token calls the key it was signed with.
    public let keyID: String?

    // MARK: Making

    /// A token with these claims, which are a JSON object. The key must be a secret: we hold no other.
    public static func sign(claims: [UInt8], with key: TokenKey) -> String {
        guard case .secret(let secret) = key.material else { preconditionFailure("only a secret signs") }
        var text = Array(plainHeader.utf8)
        text.append(UInt8(ascii: "."))
        text += claims.withUnsafeBytes { Base64.encode($0, .url, padded: false) }
        let code = secret.code(of: text)
        text.append(UInt8(ascii: "."))
        text += code.withUnsafeBytes { Base64.encode($0, .url, padded: false) }
        return String(decoding: text, as: UTF8.self)
    }

    /// `{"alg":"HS256","typ":"JWT"}`
    private static let plainHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"

    // MARK: Checking

    /// The token that `text` is, when one of `keys` signed it. Says nothing of its time: see `checkTimes`.
    public static func verify(_ text: UnsafeRawBufferPointer, keys: TokenKeys) throws(Fault) -> Token {
        guard text.count <= longest else { throw .tooLong }
        let dots = text.indices.filter { text[$0] == UInt8(ascii: ".") }
        guard dots.count == 2 else { throw .malformed }
        let header = try Header(UnsafeRawBufferPointer(rebasing: text[..<dots[0]]))
        let signed = UnsafeRawBufferPointer(rebasing: text[..<dots[1]])
        guard let payload = Base64.decode(UnsafeRawBufferPointer(rebasing: text[(dots[0] + 1)..<dots[1]]), .url, padded: false),
            let signature = Base64.decode(UnsafeRawBufferPointer(rebasing: text[(dots[1] + 1)...]), .url, padded: false)
        else { throw .malformed }
        let candidates = keys.candidates(for: header.algorithm, header.keyID)
        guard !candidates.isEmpty else { throw .noKey }
        guard candidates.contains(where: { $0.verifies(signature, of: signed) }) else { throw .badSignature }
        return Token(payload: payload, keyID: header.keyID)
    }

    /// The token that `text` is; see `verify`.
    public static func verify(_ text: String, keys: TokenKeys) throws(Fault) -> Token {
        try Array(text.utf8).withBytes { (raw) throws(Fault) in try verify(raw, keys: keys) }
    }

    /// The claims, whatever they are. Throws `.malformed` when they are no JSON object, or name a claim twice.
    public func claims() throws(Fault) -> JSONValue {
        guard let value = try? JSONValue(parsing: payload), case .object = value else { throw .malformed }
        return value
    }

    /// Throws unless the token is good at `now`, give or take `leeway` seconds for clocks that disagree.
    public func checkTimes(now: Timestamp, leeway: Int = 0, requiresExpiry: Bool = false) throws(Fault) {
        let times = try payload.withBytes { (raw) throws(Fault) in try Times(raw) }
        let now = Double(now.milliseconds) / 1000
        if requiresExpiry && times.expiry == nil { throw .noExpiry }
        if let expiry = times.expiry, now >= expiry + Double(leeway) { throw .expired }
        if let start = times.start, now < start - Double(leeway) { throw .notYet }
    }

    // MARK: Parts

    private struct Header {
        let algorithm: TokenAlgorithm
        let keyID: String?

        init(_ text: UnsafeRawBufferPointer) throws(Fault) {
            if text.elementsEqual(Token.plainHeader.utf8) {
                algorithm = .hs256
                keyID = nil
                return
            }
            // A tree, which refuses a name that comes twice: nobody shall read another `alg` than we do.
            guard let bytes = Base64.decode(text, .url, padded: false), let header = try? JSONValue(parsing: bytes), case .object = header
            else { throw .malformed }
            guard header["crit"] == nil else { throw .critical }
            guard let name = header["alg"]?.string else { throw .malformed }
            guard let algorithm = TokenAlgorithm.allCases.first(where: { name.hasSameBytes(as: $0.rawValue) }) else { throw .algorithm }
            if let id = header["kid"], id.string == nil { throw .malformed }
            self.algorithm = algorithm
            keyID = header["kid"]?.string
        }
    }

    private struct Times {
        var expiry: Double?
        var start: Double?

        init(_ payload: UnsafeRawBufferPointer) throws(Fault) {
            var reader = JSONReader(payload)
            do throws(JSONFault) {
                try reader.beginObject()
                while let name = try reader.nextName() {
                    if name.equals("exp") {
                        try Times.take(&expiry, from: &reader)
                    } else if name.equals("nbf") {
                        try Times.take(&start, from: &reader)
                    } else {
                        try reader.skipValue()
                    }
                }
                try reader.finish()
            } catch {
                throw .malformed
            }
        }

        private static func take(_ time: inout Double?, from reader: inout JSONReader) throws(JSONFault) {
            guard time == nil else { throw reader.fault(.duplicateName) }
            time = try reader.readDouble()
        }
    }
}

/// The algorithms that we take, by their names in a header.
public enum TokenAlgorithm: String, CaseIterable, Sendable {
    case hs256 = "HS256"
    case rs256 = "RS256"
    case es256 = "ES256"
    case edDSA = "EdDSA"
}
