import Codec
import Testing

@Suite("Writing JSON") struct JSONWriterTests {
    private func written(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter(capacity: 1)
        write(&writer)
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    @Test("commas stand where they must and nowhere else") func commas() {
        let text = written { writer in
            writer.beginObject()
            writer.key("a")
            writer.beginArray()
            writer.value(1)
            writer.value("x" as String)
            writer.value("y" as StaticString)
            writer.beginArray()
            writer.endArray()
            writer.beginObject()
            writer.endObject()
            writer.null()
            writer.value(true)
            writer.value(false)
            writer.raw(Array("{\"r\":0}".utf8))
            writer.endArray()
            writer.key("b" as String)
            writer.value(-1.5)
            writer.key("c")
            writer.beginObject()
            writer.key("d")
            writer.value(Int.min)
            writer.endObject()
            writer.endObject()
        }
        #expect(text == #"{"a":[1,"x","y",[],{},null,true,false,{"r":0}],"b":-1.5,"c":{"d":-9223372036854775808}}"#)
    }

    @Test("what must be escaped is, wherever the eight-byte steps fall", arguments: 0..<18)
    func escapes(_ before: Int) {
        let pad = String(repeating: "é", count: before / 2) + String(repeating: "x", count: before % 2)
        let text = written { $0.value(pad + "\"\\/\u{8}\t\n\u{C}\r\u{0}\u{1F}\u{7F}€😀" + pad) }
        #expect(text == "\"\(pad)\\\"\\\\/\\b\\t\\n\\f\\r\\u0000\\u001f\u{7F}€😀\(pad)\"")
    }

    @Test("names are escaped too") func names() {
        #expect(
            written { writer in
                writer.beginObject()
                writer.key("a\"b" as String)
                writer.null()
                writer.endObject()
            } == #"{"a\"b":null}"#)
    }

    @Test(
        "a double is the shortest that reads back",
        arguments: [(0.1, "0.1"), (1, "1.0"), (-0.0, "-0.0"), (1e300, "1e+300"), (.leastNonzeroMagnitude, "5e-324")])
    func doubles(_ value: Double, _ expected: String) { #expect(written { $0.value(value) } == expected) }

    @Test("after a reset it begins anew") func reset() {
        var writer = JSONWriter()
        writer.beginArray()
        writer.value(1)
        writer.reset()
        writer.value(2)
        #expect(writer.finish() == Array("2".utf8))
    }

    @Test("every value reads back as itself") func roundTrip() throws {
        var dice = Dice(5)
        for _ in 0..<2000 {
            let value = JSONValue.random(&dice, depth: 4)
            #expect(try JSONValue(parsing: value.bytes) == value)
        }
    }
}
