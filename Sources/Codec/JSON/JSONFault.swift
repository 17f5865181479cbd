/// Why bytes are not the JSON that was asked for, and at which byte that showed.
public struct JSONFault: Error, Equatable, Sendable {
    public enum Reason: Equatable, Sendable {
        /// The text ends inside a value.
        case endOfText
        /// A byte that cannot stand here.
        case unexpectedByte
        /// Something other than white space after the value.
        case trailingBytes
        /// More than `JSONReader.deepest` objects and arrays inside one another.
        case tooDeep
        /// A string holds bytes that are not UTF-8.
        case notUTF8
        /// A string holds half of a surrogate pair.
        case loneSurrogate
        /// A string holds a control character that is not escaped.
        case controlCharacter
        /// An escape that JSON does not have.
        case badEscape
        /// A number that JSON does not have, like `01` or `1.`
        case badNumber
        /// A number that fits in no number of ours.
        case numberTooLarge
        /// A well-formed value of another kind than the caller asked for.
        case otherKind
        /// A string with more than `CombiningMarks.most` combining marks in a row, where no field can be named.
        case tooManyMarks
        /// A name of more than `ByteName.longest` bytes.
        case nameTooLong
        /// A name that came before in the same object, where that matters.
        case duplicateName
    }

    public let reason: Reason
    /// Counted in bytes from the start of the text.
    public let offset: Int

    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// One line for people, without the offset.
    public var message: String {
        switch reason {
        case .endOfText: "the text ends too early"
        case .unexpectedByte: "unexpected character"
        case .trailingBytes: "trailing characters"
        case .tooDeep: "nested too deeply"
        case .notUTF8: "not UTF-8"
        case .loneSurrogate: "unpaired surrogate"
        case .controlCharacter: "control character in a string"
        case .badEscape: "invalid escape"
        case .badNumber: "invalid number"
        case .numberTooLarge: "number out of range"
        case .otherKind: "value of another type"
        case .tooManyMarks: "more than \(CombiningMarks.most) combining marks in a row"
        case .nameTooLong: "a name of more than \(ByteName.longest) bytes"
        case .duplicateName: "duplicate name in an object"
        }
    }
}
