import Codec

/// The one line that the log has for each request, over the request's own bytes: nothing is copied but into the line.
///
/// The pieces are borrowed and only good until `append` returns. Method, address and id are the client's words and may
/// hold anything: each is escaped where it must be. The route is the pattern it matched, never the path that was asked for: paths hold tokens.
struct RequestLine {
    /// Milliseconds since 1970.
    var time: Int
    var method: UnsafeRawBufferPointer
    /// `/tickets/{ticket}`; empty when no route matched.
    var route: UnsafeRawBufferPointer
    var status: Int
    var microseconds: Int
    /// The id of who called; empty when nobody was signed in.
    var caller: UnsafeRawBufferPointer
    var address: UnsafeRawBufferPointer

    /// What we answer 5xx to is an error of ours; all else went as it should.
    var level: LogLevel { status >= 500 ? .error : .info }

    /// Appends the line with its end. `writeID` appends the request's id: HTTP makes it digit by digit as it is written.
    func append(to out: inout ByteWriter, as format: LogFormat, id writeID: (inout ByteWriter) -> Void) {
        out.reserve(256 + method.count + route.count + caller.count + address.count)
        out.appendLogHead(as: format, time: time, level)
        switch format {
        case .json: appendJSON(to: &out, id: writeID)
        case .human: appendText(to: &out, id: writeID)
        }
    }

    private func appendJSON(to out: inout ByteWriter, id writeID: (inout ByteWriter) -> Void) {
        out.append(literal: "\"request\",\"request_id\":")
        out.appendJSON(writing: writeID)
        out.append(literal: ",\"method\":")
        out.appendJSON(method)
        out.append(literal: ",\"route\":")
        if route.isEmpty { out.append(literal: "null") } else { out.appendJSON(route) }
        out.append(literal: ",\"status\":")
        out.append(decimal: status)
        out.append(literal: ",\"microseconds\":")
        out.append(decimal: microseconds)
        out.append(literal: ",\"caller\":")
        if caller.isEmpty { out.append(literal: "null") } else { out.appendJSON(caller) }
        out.append(literal: ",\"address\":")
        out.appendJSON(address)
        out.append(literal: "}\n")
    }

    /// `GET /tickets/{ticket} 200 431µs caller=- address=127.0.0.1 id=…`
    private func appendText(to out: inout ByteWriter, id writeID: (inout ByteWriter) -> Void) {
        out.appendWord(method)
        out.append(literal: " ")
        if route.isEmpty { out.append(literal: "-") } else { out.appendWord(route) }
        out.append(literal: " ")
        out.append(decimal: status)
        out.append(literal: " ")
        out.append(decimal: microseconds)
        out.append(literal: "µs caller=")
        if caller.isEmpty { out.append(literal: "-") } else { out.appendWord(caller) }
        out.append(literal: " address=")
        out.appendWord(address)
        out.append(literal: " id=")
        out.appendWord(writing: writeID)
        out.append(literal: "\n")
    }
}
