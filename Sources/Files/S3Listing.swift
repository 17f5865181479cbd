internal import Codec
internal import Domain

/// A page of what is in a store, as it lists it. Its XML has no depths that matter to us: the few elements that we want are looked for.
struct S3Listing {
    var items: [(key: String, modified: Moment)] = []
    /// What to ask for the next page with; nil on the last.
    var next: String?

    init(_ xml: String) {
        var rest = Substring(xml)
        while let item = Self.text(of: "Contents", in: rest) {
            rest = rest[item.endIndex...]
            guard let key = Self.text(of: "Key", in: item), let text = Self.text(of: "LastModified", in: item),
                let time = Timestamp(String(text))
            else { continue }
            items.append((Self.unescaped(key), Moment(Int(time.milliseconds))))
        }
        if Self.text(of: "IsTruncated", in: Substring(xml)) == "true" {
            next = Self.text(of: "NextContinuationToken", in: Substring(xml)).map(Self.unescaped)
        }
    }

    /// What stands in the first element of that name.
    static func text(of name: String, in xml: Substring) -> Substring? {
        guard let start = xml.firstRange(of: "<\(name)>"), let end = xml[start.upperBound...].firstRange(of: "</\(name)>") else {
            return nil
        }
        return xml[start.upperBound..<end.lowerBound]
    }

    private static func unescaped(_ text: Substring) -> String {
        guard text.contains("&") else { return String(text) }
        var text = String(text)
        for (name, character) in [
            ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#39;", "'"), ("&#34;", "\""), ("&amp;", "&"),
        ] {
            text = text.replacing(name, with: character)
        }
        return text
    }
}
