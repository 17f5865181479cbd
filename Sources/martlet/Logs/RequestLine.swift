import Codec
import HTTP

/// The one line that the log has for each request.
///
/// The route is the pattern it matched, never the path that was asked for: paths hold tokens. A caller's name may be anything, and
/// is escaped; the id may be the client's, but HTTP takes none that holds more than letters, digits and `-_.`.
struct RequestLine {
    var method: StaticString
    /// `/tickets/{ticket}`; nil when no route matched.
    var route: String?
    var status: Int
    var microseconds: Int
    /// Who called; nil when nobody was signed in.
    var caller: String?
    var address: String

    /// What we answer 5xx to is an error of ours; all else went as it should.
    var level: LogLevel { status >= 500 ? .error : .info }

    /// Appends the line with its end. Time and id are written in place: HTTP has both as bytes already.
    func append(
        to out: inout ByteWriter, as format: LogFormat, time writeTime: (inout ByteWriter) -> Void, id writeID: (inout ByteWriter) -> Void
    ) {
        out.reserve(384)
        out.appendLogHead(as: format, level, time: writeTime)
        switch format {
        case .json: appendJSON(to: &out, id: writeID)
        case .human: appendText(to: &out, id: writeID)
        }
    }

    private func appendJSON(to out: inout ByteWriter, id writeID: (inout ByteWriter) -> Void) {
        out.append("\"request\",\"request_id\":\"")
        writeID(&out)
        out.append("\",\"method\":\"")
        out.append(method)
        out.append("\",\"route\":")
        if let route { out.appendJSON(plain: route) } else { out.append("null") }
        out.append(",\"status\":")
        out.append(decimal: status)
        out.append(",\"microseconds\":")
        out.append(decimal: microseconds)
        out.append(",\"caller\":")
        if let caller { out.appendJSON(caller) } else { out.append("null") }
        out.append(",\"address\":")
        out.appendJSON(plain: address)
        out.append("}\n")
    }

    /// `GET /tickets/{ticket} 200 431µs caller=- address=127.0.0.1 id=…`
    private func appendText(to out: inout ByteWriter, id writeID: (inout ByteWriter) -> Void) {
        out.append(method)
        out.append(" ")
        out.append(route ?? "-")
        out.append(" ")
        out.append(decimal: status)
        out.append(" ")
        out.append(decimal: microseconds)
        out.append("µs caller=")
        if let caller { out.appendWord(caller) } else { out.append("-") }
        out.append(" address=")
        out.append(address)
        out.append(" id=")
        writeID(&out)
        out.append("\n")
    }
}

extension RequestLine {
    init(_ exchange: Exchange) {
        self.init(
            method: exchange.request.method.text, route: exchange.request.route?.pattern, status: exchange.status.rawValue,
            microseconds: exchange.microseconds, caller: exchange.request.caller, address: exchange.request.addressText)
    }
}
