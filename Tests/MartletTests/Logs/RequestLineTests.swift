import Codec
import Testing

@testable import martlet

@Suite("The line of a request") struct RequestLineTests {
    /// One line made of texts.
    private func line(
        as format: LogFormat, id: String = "r-1", route: String? = "/tickets/{ticket}", status: Int = 200, caller: String? = nil
    ) -> String {
        var out = ByteWriter(capacity: 16)
        RequestLine(method: "GET", route: route, status: status, microseconds: 431, caller: caller, address: "127.0.0.1")
            .append(to: &out, as: format, time: { $0.append("2025-07-23T12:30:00.123Z") }, id: { $0.append(id) })
        return out.text
    }

    @Test("in JSON it has every fact under its name")
    func json() {
        #expect(
            line(as: .json, caller: "p-9") == """
                {"time":"2025-07-23T12:30:00.123Z","level":"info","message":"request","request_id":"r-1","method":"GET",\
                "route":"/tickets/{ticket}","status":200,"microseconds":431,"caller":"p-9","address":"127.0.0.1"}

                """)
    }

    @Test("in words it reads from left to right")
    func human() {
        #expect(
            line(as: .human, caller: "p-9")
                == "2025-07-23T12:30:00.123Z INFO  GET /tickets/{ticket} 200 431µs caller=p-9 address=127.0.0.1 id=r-1\n")
    }

    @Test("nobody signed in and no route matched are null, or a dash")
    func nobody() {
        #expect(line(as: .json, route: nil, status: 404).contains("\"route\":null,\"status\":404,\"microseconds\":431,\"caller\":null,"))
        #expect(line(as: .human, route: nil, status: 404).contains("GET - 404 431µs caller=- "))
    }

    @Test(
        "an answer of 500 and above is an error", arguments: [(200, "info"), (404, "info"), (499, "info"), (500, "error"), (503, "error")])
    func level(status: Int, level: String) {
        #expect(line(as: .json, status: status).contains("\"level\":\"\(level)\""))
        #expect(line(as: .human, status: status).contains(" \(level.uppercased())"))
    }

    @Test("a hostile caller stays within its string", arguments: [LogFormat.json, .human])
    func hostile(format: LogFormat) {
        let text = line(as: format, caller: "a\nb\u{1B}")
        #expect(text.utf8.count { $0 == UInt8(ascii: "\n") } == 1)
        #expect(text.hasSuffix("\n"))
        #expect(text.contains("\"a\\nb\\u001b\""))
    }

    @Test("lines follow one another in one block")
    func block() {
        var out = ByteWriter()
        let line = RequestLine(method: "GET", route: nil, status: 200, microseconds: 0, caller: nil, address: "::1")
        for _ in 0..<100 { line.append(to: &out, as: .json, time: { $0.append("now") }, id: { $0.append("id") }) }
        let lines = out.text.split(separator: "\n")
        #expect(lines.count == 100)
        #expect(Set(lines).count == 1)
    }
}
