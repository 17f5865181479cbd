extension [UInt8] {
    /// `withUnsafeBytes` whose body may throw an error of a known type, which the standard library's forgets.
    func withBytes<Value, Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Value) throws(Failure) -> Value {
        try withUnsafeBytes { raw in Result { () throws(Failure) in try body(raw) } }.get()
    }
}
