internal import Codec

/// Signs the places where pages end, so that a cursor that a client brings is one that this desk gave, for this very list.
///
/// All nodes that share the desk's secret make the same key, and take each other's cursors.
public struct CursorKey: Sendable {
    private let key: HMACKey
    /// Those that cursors were signed with before, and are good still.
    private let previous: [HMACKey]
    private static let placeSize = 40
    private static let codeSize = 16

    init(secret: [UInt8], previous: [[UInt8]] = []) {
        key = Self.key(of: secret)
        self.previous = previous.map(Self.key)
    }

    private static func key(of secret: [UInt8]) -> HMACKey {
        HMACKey(HKDF.derive(32, from: secret, info: Array("martlet cursors".utf8)))
    }

    /// - Parameters:
    ///   - owner: the ticket, article or person whose list it is; nil where it is nobody's.
    ///   - list: which list it is, and what was asked of it.
    public func text(_ position: Position, owner: UInt128?, of list: [UInt8]) -> String {
        let place = Self.bytes(position, owner)
        return Base64.encode(place + Self.code(place, list, key), .url, padded: false)
    }

    /// What a cursor of this list says; nil for every other text.
    public func read(_ text: String, of list: [UInt8]) -> (position: Position, owner: UInt128?)? {
        guard let bytes = Base64.decode(text, .url, padded: false), bytes.count == Self.placeSize + Self.codeSize else { return nil }
        let place = Array(bytes[..<Self.placeSize])
        let code = Array(bytes[Self.placeSize...])
        guard ([key] + previous).contains(where: { Secret.areEqual(code, Self.code(place, list, $0)) }) else { return nil }
        return Self.place(place)
    }

    private static func bytes(_ position: Position, _ owner: UInt128?) -> [UInt8] {
        withUnsafeBytes(of: Int64(position.key).bigEndian) { Array($0) } + withUnsafeBytes(of: position.tie.bigEndian) { Array($0) }
            + withUnsafeBytes(of: (owner ?? 0).bigEndian) { Array($0) }
    }

    /// The key is bounded all the same: positions are reckoned with.
    private static func place(_ bytes: [UInt8]) -> (position: Position, owner: UInt128?)? {
        bytes.withUnsafeBytes { bytes in
            let key = Int(Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
            let owner = UInt128(bigEndian: bytes.loadUnaligned(fromByteOffset: 24, as: UInt128.self))
            guard Int.exact.contains(key) else { return nil }
            let tie = UInt128(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt128.self))
            return (Position(key: key, tie: tie), owner == 0 ? nil : owner)
        }
    }

    /// The place has always the same length, so no other place and list run into the same bytes.
    private static func code(_ place: [UInt8], _ list: [UInt8], _ key: HMACKey) -> [UInt8] {
        Array(key.code(of: place + list).prefix(codeSize))
    }
}

extension Look {
    /// What the cursors of lists are signed with.
    public var cursors: CursorKey { desk.cursors }
}
