import Testing

@testable import API

@Suite("How a file is answered") struct FileAnswerTests {
    @Test(
        "a range is the part of the file that is asked for",
        arguments: [
            ("bytes=0-9", ByteRange.part(0..<10)), ("bytes=5-", .part(5..<100)), ("bytes=-5", .part(95..<100)),
            ("bytes=90-200", .part(90..<100)),
            ("bytes=99-99", .part(99..<100)), ("bytes=-200", .part(0..<100)), ("Bytes=0-0", .part(0..<1)), ("bytes= 1 - 2 ", .part(1..<3)),
            ("bytes=1-99999999999999999999999", .part(1..<100)), ("bytes=1-9223372036854775807", .part(1..<100)),
        ])
    func ranges(field: String, range: ByteRange) { #expect(ByteRange(field, of: 100) == range) }

    @Test(
        "one behind the end cannot be had", arguments: ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999-"])
    func unsatisfiable(field: String) { #expect(ByteRange(field, of: 100) == .unsatisfiable) }

    @Test(
        "what is malformed, of another unit, or several at once, asks for the whole",
        arguments: [
            "", "bytes", "bytes=", "bytes=-", "bytes=9-5", "bytes=a-b", "bytes=0-1,3-4", "lines=0-9", "bytes=+1-2", "bytes=1--2",
            "bytes=٣-٤",
        ])
    func whole(field: String) { #expect(ByteRange(field, of: 100) == .whole) }

    @Test("an empty file has no part") func empty() {
        #expect(ByteRange("bytes=0-", of: 0) == .unsatisfiable && ByteRange("bytes=-1", of: 0) == .unsatisfiable)
    }

    @Test(
        "a name is told so that every client reads it alike",
        arguments: [
            ("a b.txt", "attachment; filename=\"a b.txt\""),
            ("Grüße.txt", "attachment; filename=\"Gr__e.txt\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt"),
            ("50%.txt", "attachment; filename=\"50_.txt\"; filename*=UTF-8''50%25.txt"), ("it's.txt", "attachment; filename=\"it's.txt\""),
            ("👍", "attachment; filename=\"_\"; filename*=UTF-8''%F0%9F%91%8D"),
            ("ä'b.txt", "attachment; filename=\"_'b.txt\"; filename*=UTF-8''%C3%A4%27b.txt"),
        ])
    func names(name: String, field: String) { #expect(ContentDisposition.field(name, isInline: false) == field) }

    @Test("a picture is shown in its place") func inline() {
        #expect(ContentDisposition.field("a.png", isInline: true) == "inline; filename=\"a.png\"")
    }
}
