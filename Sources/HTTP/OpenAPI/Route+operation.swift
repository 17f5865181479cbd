internal import Codec

extension Route {
    /// A name for the operation that stays while method and path do: `PATCH /tickets/{ticket}/status` is `patchTicketsByTicketStatus`.
    var operationID: String {
        var id = method.text.description.lowercased()
        for part in RoutePattern(pattern).parts {
            switch part {
            case .literal(let text):
                for word in text.split(whereSeparator: { !$0.isLetterOrDigit }) { id += String(decoding: word, as: UTF8.self).capitalized }
            case .parameter(let name): id += "By" + name.capitalized
            }
        }
        return id
    }

    /// What it stands under: the first segment of its path that is not about the API itself, as `api` and `v1` are.
    var tag: String {
        for case .literal(let text) in RoutePattern(pattern).parts {
            let word = String(decoding: text.prefix { $0 != UInt8(ascii: ".") }, as: UTF8.self)
            if word != "api" && word != "v1" { return word }
        }
        return "root"
    }
}

extension String {
    /// With its first letter large; the rest stays.
    fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst() }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }
}
