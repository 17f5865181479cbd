import Codec
import Harness

/// JSON from anybody: what is read is written, and read again as the same.
@main struct FuzzJSON {
    static func main() {
        fuzz { input in
            let skipped = isSkipped(input)
            guard let value = try? JSONValue(parsing: input) else { return }
            check(skipped, "a value is read that skipValue refuses")
            check(String(validating: input, as: UTF8.self) != nil, "bytes are read that are not UTF-8")

            let bytes = value.bytes
            guard let again = try? JSONValue(parsing: bytes) else { fatalError("what was written cannot be read: \(bytes)") }
            check(again == value, "\(value) became \(again)")
            check(again.bytes == bytes, "the second writing differs from the first")
            readsNothingMore(bytes)
        }
    }

    /// Whether the input is one well-formed value. More are than can be read: `readValue` has bounds on numbers, and refuses a
    /// name that comes twice.
    private static func isSkipped(_ input: UnsafeRawBufferPointer) -> Bool {
        var reader = JSONReader(input)
        do throws(JSONFault) {
            try reader.skipValue()
            try reader.finish()
        } catch {
            check((0...input.count).contains(error.offset), "a fault at \(error.offset) of \(input.count)")
            return false
        }
        return true
    }

    /// No front part of a value is a value, but of a bare number.
    private static func readsNothingMore(_ bytes: [UInt8]) {
        guard let first = bytes.first, [UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\"")].contains(first) else { return }
        for length in Set([1, bytes.count / 2, bytes.count - 1]) where length < bytes.count {
            check((try? JSONValue(parsing: Array(bytes[..<length]))) == nil, "\(length) of \(bytes.count) bytes are read as a whole")
        }
    }
}
