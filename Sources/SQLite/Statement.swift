internal import CSQLite
internal import Storage

/// A prepared statement and the row that it stands on.
final class Statement: RowReading {
    let handle: OpaquePointer
    let columnCount: Int
    let isReadOnly: Bool
    /// When it was last used, in uses of its connection's cache.
    var lastUse: UInt64 = 0
    private var fault: StorageFault?

    /// Prepares `text`, which must be one statement and no more.
    init(_ text: String, on connection: OpaquePointer) throws(StorageFault) {
        var prepared: OpaquePointer?
        var text = text
        let (code, isWhole) = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bytes in
                var rest: UnsafePointer<CChar>?
                let code = sqlite3_prepare_v3(
                    connection, bytes.baseAddress, Int32(bytes.count), UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, &rest)
                guard let base = bytes.baseAddress, let rest else { return (code, true) }
                return (code, bytes[(rest - base)...].allSatisfy { $0 == 32 || $0 == 10 })
            }
        }
        try StorageFault.check(code, connection)
        guard let prepared else { throw .broken("an empty statement") }
        handle = prepared
        columnCount = Int(sqlite3_column_count(prepared))
        isReadOnly = sqlite3_stmt_readonly(prepared) != 0
        if !isWhole { throw .broken("more than one statement: \(text)") }
    }

    deinit { sqlite3_finalize(handle) }

    /// Ends what the statement was doing, and forgets its parameters, which may be long.
    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    // MARK: - Parameters

    func bind(_ values: [Value], of connection: OpaquePointer) throws(StorageFault) {
        var index: Int32 = 0
        for value in values {
            index += 1
            let code = try bind(value, at: index)
            if code != SQLITE_OK { throw StorageFault(code, connection) }
        }
    }

    private func bind(_ value: Value, at index: Int32) throws(StorageFault) -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(handle, index)
        case .integer(let number): return sqlite3_bind_int64(handle, index, number)
        case .boolean(let flag): return sqlite3_bind_int64(handle, index, flag ? 1 : 0)
        case .real(let number):
            if number.isNaN { throw .broken("NaN cannot be stored") }
            return sqlite3_bind_double(handle, index, number)
        case .text(var text):
            let code: Int32? = text.withUTF8 { bytes in
                guard let base = bytes.baseAddress else { return sqlite_bind_text(handle, index, "", 0) }
                if memchr(base, 0, bytes.count) != nil { return nil }
                return UnsafeRawPointer(base).withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                    sqlite_bind_text(handle, index, $0, Int32(clamping: bytes.count))
                }
            }
            guard let code else { throw .broken("a text with NUL cannot be stored") }
            return code
        case .bytes(let bytes):
            return bytes.withUnsafeBytes { sqlite_bind_bytes(handle, index, $0.baseAddress, Int32(clamping: $0.count)) }
        case .uuid(let id):
            return withUnsafeBytes(of: id.bigEndian) { sqlite_bind_bytes(handle, index, $0.baseAddress, 16) }
        }
    }

    // MARK: - Columns

    func isNull(_ column: Int) -> Bool {
        if column >= columnCount { fail(.broken("column \(column) of \(columnCount)")) }
        return sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL
    }

    func integer(_ column: Int) -> Int64 {
        guard has(SQLITE_INTEGER, column) else { return 0 }
        return sqlite3_column_int64(handle, Int32(column))
    }

    func real(_ column: Int) -> Double {
        guard has(SQLITE_FLOAT, column) else { return 0 }
        return sqlite3_column_double(handle, Int32(column))
    }

    func boolean(_ column: Int) -> Bool {
        let number = integer(column)
        if number & ~1 != 0 { fail(.broken("\(name(of: column)) is \(number), which is no boolean")) }
        return number == 1
    }

    func uuid(_ column: Int) -> UInt128 {
        let bytes = bytes(column)
        guard bytes.count == 16 else {
            fail(.broken("\(name(of: column)) is no id"))
            return 0
        }
        return UInt128(bigEndian: bytes.loadUnaligned(as: UInt128.self))
    }

    func text(_ column: Int) -> UnsafeRawBufferPointer {
        guard has(SQLITE_TEXT, column) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let start = sqlite3_column_text(handle, Int32(column))
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, Int32(column))))
    }

    func bytes(_ column: Int) -> UnsafeRawBufferPointer {
        guard has(SQLITE_BLOB, column) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let start = sqlite3_column_blob(handle, Int32(column))
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, Int32(column))))
    }

    func fail(_ fault: StorageFault) {
        if self.fault == nil { self.fault = fault }
    }

    /// What reading the present row went wrong with.
    func takeFault() -> StorageFault? {
        defer { fault = nil }
        return fault
    }

    private func has(_ type: Int32, _ column: Int) -> Bool {
        // A column too many is NULL to SQLite, so it is caught here as well.
        if sqlite3_column_type(handle, Int32(column)) == type { return true }
        fail(.broken("column \(column) (\(name(of: column))) is not of the type asked for"))
        return false
    }

    private func name(of column: Int) -> String {
        sqlite3_column_name(handle, Int32(column)).map { String(cString: $0) } ?? "beyond the last"
    }
}
