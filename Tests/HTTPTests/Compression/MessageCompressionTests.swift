import Codec
import HTTP
import Testing

/// What an inflater makes of a message: its bytes, or the fault.
private func inflated(_ compressed: [UInt8], by inflater: inout Inflater, atMost bound: Int = 10_000_000) throws -> [UInt8] {
    var out = ByteWriter()
    try compressed.withUnsafeBytes { try inflater.append($0, to: &out, atMost: bound) }
    return out.array
}

private func inflated(_ compressed: [UInt8], window: Int = 15, atMost bound: Int = 10_000_000) throws -> [UInt8] {
    var inflater = Inflater(window: window, keepsContext: false)
    return try inflated(compressed, by: &inflater, atMost: bound)
}

private func deflated(_ message: [UInt8], by deflater: inout Deflater) -> [UInt8] {
    var out = ByteWriter()
    message.withUnsafeBytes { deflater.append($0, to: &out) }
    return out.array
}

private let hello = Array("Hello".utf8)

@Suite("Inflating a message") struct InflaterTests {
    @Test(
        "reads the forms of RFC 7692 section 7.2.3",
        arguments: [
            ("one block", [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]),
            ("a stored block", [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00]),
            ("a block marked as the last", [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00]),
            ("two blocks", [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00]),
        ] as [(String, [UInt8])]) func forms(name: String, compressed: [UInt8]) throws
    {
        #expect(try inflated(compressed) == hello)
    }

    @Test("reads a message that points into the one before it") func context() throws {
        var inflater = Inflater(window: 15, keepsContext: true)
        #expect(try inflated([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], by: &inflater) == hello)
        #expect(try inflated([0xF2, 0x00, 0x11, 0x00, 0x00], by: &inflater) == hello)
    }

    @Test("keeps the context over a block marked as the last") func contextOverLastBlock() throws {
        var inflater = Inflater(window: 15, keepsContext: true)
        #expect(try inflated([0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00], by: &inflater) == hello)
        #expect(try inflated([0xF2, 0x00, 0x11, 0x00, 0x00], by: &inflater) == hello)
    }

    @Test("forgets the message before when no context was agreed upon") func noContext() throws {
        var inflater = Inflater(window: 15, keepsContext: false)
        #expect(try inflated([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], by: &inflater) == hello)
        #expect(throws: InflateFault.corrupt) {
            var inflater = Inflater(window: 15, keepsContext: false)
            _ = try inflated([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], by: &inflater)
            _ = try inflated([0xF2, 0x00, 0x11, 0x00, 0x00], by: &inflater)
        }
    }

    @Test("reads an empty message, with its byte and without") func empty() throws {
        #expect(try inflated([0x00]) == [])
        #expect(try inflated([]) == [])
    }

    @Test(
        "refuses what is no deflate stream",
        arguments: [
            ("a block of the reserved type", [0xFF, 0xFF]),
            ("a stored block whose lengths disagree", [0x00, 0x05, 0x00, 0x00, 0x00, 0x48]),
            ("a stored block cut short", [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48]), ("codes cut short", [0xF2, 0x48, 0xCD]),
            ("a distance before the beginning", [0xF2, 0x00, 0x11, 0x00, 0x00]),
            ("bytes after the last block that are none", [0x03, 0x00, 0xFF]),
        ] as [(String, [UInt8])]) func corrupt(name: String, compressed: [UInt8])
    {
        #expect(throws: InflateFault.corrupt) { _ = try inflated(compressed) }
    }

    @Test("refuses a distance beyond the window that was agreed upon") func window() throws {
        var random = SplitMix(seed: 1)
        let block = (0..<600).map { _ in UInt8.random(in: 0...255, using: &random) }
        var deflater = Deflater(window: 10, keepsContext: false)
        let compressed = deflated(block + block, by: &deflater)
        #expect(compressed.count < 1000)
        #expect(try inflated(compressed, window: 10) == block + block)
        // A window of nine bits is 512 bytes, and the second half points 600 back. The messages before it are needed: within
        // one call zlib looks back into its output, which no window bounds.
        #expect(throws: InflateFault.corrupt) {
            var deflater = Deflater(window: 10, keepsContext: true)
            var inflater = Inflater(window: 9, keepsContext: true)
            #expect(try inflated(deflated(block, by: &deflater), by: &inflater) == block)
            _ = try inflated(deflated(block, by: &deflater), by: &inflater)
        }
    }

    @Test("stops a bomb at the bound", arguments: [0, 1, 1000, 100_000]) func bomb(bound: Int) throws {
        var deflater = Deflater(window: 15, keepsContext: false, level: 9, memory: 9)
        let bomb = deflated([UInt8](repeating: 0, count: 5_000_000), by: &deflater)
        #expect(bomb.count < 10_000)
        var inflater = Inflater(window: 15, keepsContext: false)
        var out = ByteWriter()
        out.append("before")
        #expect(throws: InflateFault.tooLarge) {
            var inflater = Inflater(window: 15, keepsContext: false)
            _ = try inflated(bomb, by: &inflater, atMost: bound)
        }
        bomb.withUnsafeBytes { bytes in
            do throws(InflateFault) { try inflater.append(bytes, to: &out, atMost: bound) } catch {}
        }
        #expect(out.count == "before".utf8.count + bound + 1)
    }

    @Test("takes a message that is just as long as the bound") func justFits() throws {
        var deflater = Deflater(window: 15, keepsContext: false)
        let message = [UInt8](repeating: 7, count: 4097)
        let compressed = deflated(message, by: &deflater)
        #expect(try inflated(compressed, atMost: 4097) == message)
        #expect(throws: InflateFault.tooLarge) { _ = try inflated(compressed, atMost: 4096) }
    }
}

@Suite("Deflating a message") struct DeflaterTests {
    @Test("writes the forms of RFC 7692 section 7.2.3") func forms() {
        var deflater = Deflater(window: 15, keepsContext: true, level: 6, memory: 8)
        #expect(deflated(hello, by: &deflater) == [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00])
        #expect(deflated(hello, by: &deflater) == [0xF2, 0x00, 0x11, 0x00, 0x00])
    }

    @Test("writes an empty message as one byte, any number of times") func empty() {
        var deflater = Deflater(window: 12, keepsContext: true)
        #expect(deflated([], by: &deflater) == [0])
        #expect(deflated([], by: &deflater) == [0])
    }

    @Test("says the same twice without context") func noContext() {
        var deflater = Deflater(window: 12, keepsContext: false)
        let first = deflated(hello, by: &deflater)
        #expect(deflated(hello, by: &deflater) == first)
    }

    @Test("is read back by an inflater of the same window", arguments: 9...15, [true, false]) func roundTrip(
        window: Int, keepsContext: Bool
    ) throws {
        var random = SplitMix(seed: UInt64(window))
        var deflater = Deflater(window: window, keepsContext: keepsContext, level: window % 9 + 1, memory: window % 9 + 1)
        var inflater = Inflater(window: window, keepsContext: keepsContext)
        for size in [0, 1, 5, 100, 0, 0, 5000, 70_000, 3] {
            // Half of it repeats, half of it does not compress at all.
            let words = (0..<size).map { $0 % 64 < 32 ? UInt8(truncatingIfNeeded: $0 % 97) : UInt8.random(in: 0...255, using: &random) }
            let compressed = deflated(words, by: &deflater)
            #expect(try inflated(compressed, by: &inflater) == words)
        }
    }

    @Test("ends a message at every length of its output", arguments: [9, 12, 15]) func lengths(window: Int) throws {
        // Somewhere among these the flush ends exactly where a buffer does.
        var random = SplitMix(seed: 9)
        var deflater = Deflater(window: window, keepsContext: true)
        var inflater = Inflater(window: window, keepsContext: true)
        for size in 0..<600 {
            let noise = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(try inflated(deflated(noise, by: &deflater), by: &inflater) == noise)
        }
    }
}
