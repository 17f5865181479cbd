internal import Codec
internal import Clients

/// Where a store that speaks S3 is, and who we are there: `https://KEY:SECRET@HOST/BUCKET/PREFIX?region=REGION`.
public struct S3Address: Sendable, Equatable {
    let base: String
    /// `https://host/bucket`, of which a list is asked.
    let bucket: String
    /// With a slash at its end, or empty.
    let prefix: String
    let region: String
    let key: String
    let secret: String

    /// What is wrong with an address, as the end of a sentence that begins with the setting's name.
    public struct Fault: Error, CustomStringConvertible {
        public let description: String
    }

    public init(_ text: String) throws(Fault) {
        guard let scheme = ["https://", "http://"].first(where: { text.lowercased().hasPrefix($0) }) else {
            throw Fault(description: "must be https://KEY:SECRET@HOST/BUCKET/PREFIX?region=REGION")
        }
        let parts = text.dropFirst(scheme.count).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let at = parts[0].lastIndex(of: "@") else { throw Fault(description: "must name KEY:SECRET@ before the host") }
        let credential = parts[0][..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(Self.decoded)
        guard credential.count == 2, let key = credential[0], let secret = credential[1], !key.isEmpty, !secret.isEmpty else {
            throw Fault(description: "must name KEY:SECRET@ before the host, with % and two digits for / : @ % ? and #")
        }
        let place = parts[0][parts[0].index(after: at)...].split(separator: "/").map(String.init)
        guard place.count >= 2, Self.isHost(place[0]), place.dropFirst().allSatisfy(Self.isPlain) else {
            throw Fault(description: "must name HOST/BUCKET, and perhaps a prefix of letters, digits and - _ . ~")
        }
        let region = try Self.region(parts.count > 1 ? parts[1] : "")
        bucket = scheme + place[0] + "/" + place[1]
        prefix = place.dropFirst(2).map { $0 + "/" }.joined()
        base = bucket + "/" + prefix
        (self.region, self.key, self.secret) = (region, key, secret)
    }

    private static func region(_ query: Substring) throws(Fault) -> String {
        var region = "us-east-1"
        for pair in query.split(separator: "&") {
            guard pair.hasPrefix("region="), isPlain(String(pair.dropFirst(7))) else {
                throw Fault(description: "may have ?region=REGION behind it, and nothing else")
            }
            region = String(pair.dropFirst(7))
        }
        return region
    }

    private static func decoded(_ text: Substring) -> String? { Array(text.utf8).withUnsafeBytes { Percent.text($0) } }

    private static func isHost(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { isUnreserved($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "]") }
    }

    /// What means the same with and without escapes, so that nobody signs another text than is sent.
    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty && text != "." && text != ".." && text.utf8.allSatisfy(isUnreserved)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-._~".utf8.contains(byte)
        }
    }
}
