import Codec
import TestEngines
import Testing

@testable import Helpdesk

@Suite("Cursors") struct CursorKeyTests {
    private let key = CursorKey(secret: Array("a secret for tests only".utf8))
    private let list = Array("/tickets?status=open".utf8)
    private let position = Position(key: -7, tie: 1 << 127 | 5)

    @Test("one says where the page ended, and whose list it was")
    func good() throws {
        for owner in [nil, 1, UInt128.max] {
            let read = try #require(key.read(key.text(position, owner: owner, of: list), of: list))
            #expect(read.position == position && read.owner == owner)
        }
    }

    @Test("it is good on every node with the same secret, and nowhere else")
    func nodes() {
        let text = key.text(position, owner: nil, of: list)
        #expect(CursorKey(secret: Array("a secret for tests only".utf8)).read(text, of: list) != nil)
        #expect(CursorKey(secret: Array("another secret for tests".utf8)).read(text, of: list) == nil)
        let next = CursorKey(secret: Array("another secret for tests".utf8), previous: [Array("a secret for tests only".utf8)])
        #expect(next.read(text, of: list) != nil)
        #expect(key.read(next.text(position, owner: nil, of: list), of: list) == nil)
    }

    @Test("it is none of another list's")
    func otherList() {
        let text = key.text(position, owner: nil, of: list)
        #expect(key.read(text, of: Array("/tickets?status=closed".utf8)) == nil)
        #expect(key.read(text, of: []) == nil)
    }

    @Test("no byte of it can be changed, left out or added")
    func changed() throws {
        let text = key.text(position, owner: 9, of: list)
        let bytes = try #require(Base64.decode(text, .url, padded: false))
        for at in bytes.indices {
            var other = bytes
            other[at] ^= 1
            #expect(key.read(Base64.encode(other, .url, padded: false), of: list) == nil)
            #expect(key.read(Base64.encode(Array(bytes[..<at]), .url, padded: false), of: list) == nil)
        }
        #expect(key.read(Base64.encode(bytes + [0], .url, padded: false), of: list) == nil)
        for text in ["", "x", text + "=", text + "A", "\(text.dropLast())"] { #expect(key.read(text, of: list) == nil) }
    }

    @Test("its key is a number that can be reckoned with")
    func bounded() {
        for number in [Int.max, .min, Int.mostExact + 1, -Int.mostExact - 1] {
            #expect(key.read(key.text(Position(key: number, tie: 0), owner: nil, of: list), of: list) == nil)
        }
        #expect(key.read(key.text(Position(key: Int.mostExact, tie: 0), owner: nil, of: list), of: list) != nil)
    }
}
