internal import Codec

extension Request {
    /// Calls `body` with the token of `Authorization: Bearer …` (RFC 6750); nil when the field is not there or says something else.
    /// The bytes are as they came, and no string of them is made: what checks a secret need not leave copies of it.
    ///
    /// - Parameter orBare: whether the token may also stand there without `Bearer`.
    public func withBearer<Result>(
        orBare: Bool = false, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result? {
        let found: Result?? = try withField(.authorization) { field in
            guard let blank = field.firstIndex(of: UInt8(ascii: " ")) else {
                return orBare && !field.isEmpty ? try body(field) : nil
            }
            guard UnsafeRawBufferPointer(rebasing: field[..<blank]).equalsIgnoringCase("bearer") else { return nil }
            let token = UnsafeRawBufferPointer(rebasing: field[blank...]).trimmed
            return token.isEmpty ? nil : try body(token)
        }
        return found ?? nil
    }
}
