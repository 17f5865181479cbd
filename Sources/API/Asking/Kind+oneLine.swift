internal import Codec
internal import Domain

extension Kind {
    /// Text of so many scalars that stands on one line among others: a name, a title, a category. What people write at length is `.text`.
    static func oneLine(_ length: ClosedRange<Int>) -> Kind<String> { Kind<String>.text(length).onOneLine }
}

extension Kind<String> {
    /// The same texts, as far as they stand on one line.
    var onOneLine: Kind { checked { text in OneLine.fault(in: text).map { Fault($0.kind, $0.message) } } }
}
