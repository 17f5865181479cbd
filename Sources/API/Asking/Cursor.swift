internal import Codec
internal import HTTP
internal import Helpdesk

/// Where a page ended, as a text that a client gives back as it is. It holds a digest of what was asked, so that a cursor is not taken
/// for one of another list, and of itself, so that a damaged one is refused.
enum Cursor {
    private static let digestSize = 8

    /// - Parameter question: what was asked for, without which page of it.
    static func text(_ position: Position, of question: [UInt8]) -> String {
        let place = bytes(position)
        return Base64.encode(place + digest(place, question), .url, padded: false)
    }

    /// The position that a cursor of this very question tells; nil for every other text.
    static func position(in text: String, of question: [UInt8]) -> Position? {
        guard let bytes = Base64.decode(text, .url, padded: false), bytes.count == 24 + digestSize else { return nil }
        let place = Array(bytes[..<24])
        guard Array(bytes[24...]) == digest(place, question) else { return nil }
        return place.withUnsafeBytes { place in
            Position(
                key: Int(Int64(bigEndian: place.loadUnaligned(as: Int64.self))),
                tie: UInt128(bigEndian: place.loadUnaligned(fromByteOffset: 8, as: UInt128.self)))
        }
    }

    private static func bytes(_ position: Position) -> [UInt8] {
        withUnsafeBytes(of: Int64(position.key).bigEndian) { Array($0) } + withUnsafeBytes(of: position.tie.bigEndian) { Array($0) }
    }

    private static func digest(_ place: [UInt8], _ question: [UInt8]) -> [UInt8] {
        Array(SHA256.digest(place + question).prefix(digestSize))
    }
}

extension PagedQuery {
    /// What is asked for, whatever the page: the same bytes on every node.
    private func question(_ path: String) -> [UInt8] {
        var whole = self
        whole.paging = Paging()
        return JSON.bytes(of: whole) + Array(path.utf8)
    }

    /// The slice that is asked for. Throws 400 for a cursor that is none of this list's.
    func slice(of path: String) throws -> SliceRequest {
        var slice = SliceRequest()
        (slice.limit, slice.offset, slice.isCounted) = (paging.limit, paging.offset, paging.isCounted)
        guard let cursor = paging.cursor else { return slice }
        guard let position = Cursor.position(in: cursor, of: question(path)) else {
            throw Refusal.invalid(Faults(Fault("cursor", "This is no cursor of this list", at: "cursor")))
        }
        guard slice.offset == 0 else {
            throw Refusal.invalid(Faults(Fault("cursor", "A cursor says where the page begins, so it takes no offset", at: "offset")))
        }
        slice.after = position
        return slice
    }

    /// The cursor for what follows a slice.
    func cursor(_ position: Position, of path: String) -> String { Cursor.text(position, of: question(path)) }
}
