import Codec
import Harness

/// Queries and forms from anybody, and the Base64 and header values beside them: what is read is written, and read as the same.
@main struct FuzzForm {
    static func main() {
        fuzz { input in
            var choices = Choices(input)
            switch choices.byte() % 3 {
            case 0: pairs(choices.rest)
            case 1: base64(choices)
            default: values(choices.rest)
            }
        }
    }

    private static func pairs(_ bytes: UnsafeRawBufferPointer) {
        guard let pairs = try? Query.parse(bytes) else { return }
        check(pairs.count <= Query.mostPairs, "\(pairs.count) pairs")
        check(pairs.count <= bytes.count / 2 + 1, "more pairs than there is room for")
        let written = Query.write(pairs)
        guard let again = try? Query.parse(written) else { fatalError("what was written cannot be read: \(written)") }
        check(again.elementsEqual(pairs, by: ==), "\(pairs) became \(again)")
        check(Array(written.utf8) == Form.write(pairs), "a form is another than the query")
        if let shorter = try? Query.parse(bytes, atMost: pairs.count) { check(shorter.count == pairs.count, "a bound that cuts") }
        check(pairs.isEmpty || (try? Query.parse(bytes, atMost: pairs.count - 1)) == nil, "a bound that does not hold")
    }

    private static func base64(_ choices: Choices) {
        var choices = choices
        let alphabet: Base64.Alphabet = choices.flag() ? .url : .standard
        let padded = choices.flag()
        let encoded = Base64.encode(choices.rest, alphabet, padded: padded)
        check(encoded.withUnsafeBytes { Base64.decode($0, alphabet, padded: padded) } == Array(choices.rest), "bytes that do not come back")
        if let decoded = Base64.decode(choices.rest, alphabet, padded: padded) {
            check(
                decoded.withUnsafeBytes { Base64.encode($0, alphabet, padded: padded) } == Array(choices.rest), "two texts of one meaning")
        }
    }

    private static func values(_ bytes: UnsafeRawBufferPointer) {
        let value = HeaderValue(bytes)
        check(value?.value.isEmpty != true, "a value of nothing")
        if let boundary = MultipartParser.boundary(of: String(decoding: bytes, as: UTF8.self)) {
            check((1...70).contains(boundary.utf8.count), "a boundary of \(boundary.utf8.count) bytes")
        }
        guard let text = Percent.text(bytes) else { return }
        let encoded = Percent.encode(text)
        check(Array(encoded.utf8).withUnsafeBytes { Percent.text($0) } == text, "a text that does not come back")
        check(Array(encoded.utf8).withUnsafeBytes { Percent.text($0, plusIsBlank: true) } == text, "a plus that is not escaped")
        check(Array(Percent.encodePath(text).utf8).withUnsafeBytes { Percent.text($0) } == text, "a path that does not come back")
    }
}
