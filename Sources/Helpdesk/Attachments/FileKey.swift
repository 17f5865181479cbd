internal import Codec

/// The name of one copy of a content: what it is, and which copy. As a path it spreads copies over 65,536 folders.
public struct FileKey: Hashable, Sendable {
    public let digest: [UInt8]
    public let copy: UInt128

    public init(digest: [UInt8], copy: UInt128) {
        self.digest = digest
        self.copy = copy
    }

    /// `aa/bb/aabb….0198…`: the digest with which anybody can check the bytes, and the copy.
    public var path: String {
        let hex = Hex.encode(digest)
        return "\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex).\(UUID(bits: copy))"
    }

    /// Nil for what is no such path.
    public init?(path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, let dot = parts[2].firstIndex(of: "."), let digest = Hex.decode(String(parts[2][..<dot])),
            digest.count == SHA256.size, let copy = UUID(String(parts[2][parts[2].index(after: dot)...]))
        else { return nil }
        self.init(digest: digest, copy: copy.bits)
        guard self.path == path else { return nil }
    }
}
