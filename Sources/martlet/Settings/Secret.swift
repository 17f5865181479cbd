/// A setting that no output may show: a token, a password, a key.
///
/// Whoever prints it, interpolates it, dumps it or mirrors it gets the mask; only `reveal` gives the text, and a reader
/// can search for that word.
struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    static let mask = "••••"

    private let text: String

    init(_ text: String) { self.text = text }

    /// The text itself, for the one place that needs it.
    func reveal() -> String { text }

    /// Whether `candidate` is this secret. The time it takes tells the candidate's length and nothing of ours.
    func matches(_ candidate: some Sequence<UInt8>) -> Bool {
        let ours = Array(text.utf8)
        guard !ours.isEmpty else { return false }
        var difference = 0
        var length = 0
        for byte in candidate {
            difference |= Int(byte ^ ours[length % ours.count])
            length += 1
        }
        return difference | (length ^ ours.count) == 0
    }

    var description: String { Self.mask }
    var debugDescription: String { Self.mask }
    var customMirror: Mirror { Mirror(self, children: []) }
}
