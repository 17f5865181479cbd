/// A name from outside, compared and hashed by its bytes: what a set or a dictionary of such names is keyed by.
///
/// A `String` is equal to another when both look alike, which takes both being taken apart first. Names of fields, claims, parameters and
/// namespaces are the same only when they are the same bytes; what looks alike and is not the same is another name.
public struct ByteName: Hashable, ExpressibleByStringLiteral, Sendable {
    /// The longest name of a field that is read, in bytes.
    public static let longest = 256

    public let text: String

    public init(_ text: String) { self.text = text }
    public init(stringLiteral text: String) { self.text = text }

    public static func == (left: ByteName, right: ByteName) -> Bool { left.text.hasSameBytes(as: right.text) }

    public func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
