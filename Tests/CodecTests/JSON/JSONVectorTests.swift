import Codec
import Testing

private let folder = Files.shared + "/data/json-parsing"
private let names = (Files.names(in: folder) ?? []).filter { $0.hasSuffix(".json") }

/// The public JSON parsing test vectors: `y_` must be taken, `n_` must be refused, `i_` is ours to choose but must not crash.
@Suite("JSON test vectors", .enabled(if: !names.isEmpty, "no json-parsing data beside the package"))
struct JSONVectorTests {
    /// Two of the good ones name a member twice, which the reader passes over and a tree refuses.
    static let doubled: Set<String> = ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"]

    @Test("all of them are there") func complete() { #expect(names.count >= 318) }

    @Test("every y_ is accepted", arguments: names.filter { $0.hasPrefix("y_") })
    func accepted(_ name: String) throws {
        let bytes = try #require(Files.bytes(of: folder + "/" + name))
        #expect(skims(bytes))
        #expect((try? JSONValue(parsing: bytes)) != nil || JSONVectorTests.doubled.contains(name))
    }

    @Test("every n_ is refused", arguments: names.filter { $0.hasPrefix("n_") })
    func refused(_ name: String) throws {
        let bytes = try #require(Files.bytes(of: folder + "/" + name))
        #expect(!skims(bytes))
        #expect(throws: JSONFault.self) { try JSONValue(parsing: bytes) }
    }

    @Test("no i_ crashes, and what is taken can be written and read again", arguments: names.filter { $0.hasPrefix("i_") })
    func survived(_ name: String) throws {
        let bytes = try #require(Files.bytes(of: folder + "/" + name))
        _ = skims(bytes)
        if let value = try? JSONValue(parsing: bytes) { #expect(try JSONValue(parsing: value.bytes) == value) }
    }

    private func skims(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { raw in
            var reader = JSONReader(raw)
            do {
                try reader.skipValue()
                try reader.finish()
                return true
            } catch {
                return false
            }
        }
    }
}
