internal import CPostgres
internal import Storage

/// What the server answered to one query: its rows, all in binary, or just how many rows it changed.
//
// `@unchecked Sendable`: made on the loop and handed over once, to the one who waits for it.
final class Answer: RowReading, @unchecked Sendable {
    private let result: OpaquePointer
    private let rowCount: Int32
    private var row: Int32 = 0
    private var fault: StorageFault?
    let columnCount: Int

    /// Takes over a result of libpq.
    init(_ result: OpaquePointer) {
        self.result = result
        rowCount = PQntuples(result)
        columnCount = Int(PQnfields(result))
    }

    deinit { PQclear(result) }

    /// What the server calls what it did, such as `COMMIT`.
    var deed: String { String(cString: PQcmdStatus(result)) }

    /// How many rows were inserted, updated or deleted; a `SELECT` changes none.
    private var changed: Int {
        guard PQcmdStatus(result)?.pointee != 0x53 /* S */, var digit = UnsafePointer(PQcmdTuples(result)) else { return 0 }
        var number = 0
        while (0x30...0x39).contains(digit.pointee) {
            number = number * 10 + Int(digit.pointee - 0x30)
            digit += 1
        }
        return number
    }

    /// Reads the rows that are wanted, and returns how many the statement changed.
    func read(_ wanted: Wanted, _ each: (inout Row) throws(StorageFault) -> Void) throws(StorageFault) -> Int {
        let count =
            switch wanted {
            case .all: rowCount
            case .first: min(rowCount, 1)
            case .none: Int32(0)
            }
        row = 0
        while row < count {
            var reading = Row(self)
            try each(&reading)
            if let fault { throw fault }
            row += 1
        }
        return changed
    }

    // MARK: - Columns

    func isNull(_ column: Int) -> Bool {
        guard has(column) else { return true }
        return PQgetisnull(result, row, Int32(column)) == 1
    }

    func integer(_ column: Int) -> Int64 {
        guard let value = value(column) else { return 0 }
        switch PQftype(result, Int32(column)) {
        case TypeNumber.integer8: return Int64(bitPattern: UInt64(bigEndian: value.loadUnaligned(as: UInt64.self)))
        case TypeNumber.integer4: return Int64(Int32(bitPattern: UInt32(bigEndian: value.loadUnaligned(as: UInt32.self))))
        case TypeNumber.integer2: return Int64(Int16(bitPattern: UInt16(bigEndian: value.loadUnaligned(as: UInt16.self))))
        default:
            refuse(column, as: "an integer")
            return 0
        }
    }

    func real(_ column: Int) -> Double {
        guard let value = value(column) else { return 0 }
        switch PQftype(result, Int32(column)) {
        case TypeNumber.real8: return Double(bitPattern: UInt64(bigEndian: value.loadUnaligned(as: UInt64.self)))
        case TypeNumber.real4: return Double(Float(bitPattern: UInt32(bigEndian: value.loadUnaligned(as: UInt32.self))))
        default:
            refuse(column, as: "a real number")
            return 0
        }
    }

    func boolean(_ column: Int) -> Bool {
        guard let value = value(column) else { return false }
        guard PQftype(result, Int32(column)) == TypeNumber.boolean else {
            refuse(column, as: "a boolean")
            return false
        }
        return value.load(as: UInt8.self) != 0
    }

    func uuid(_ column: Int) -> UInt128 {
        guard let value = value(column) else { return 0 }
        guard PQftype(result, Int32(column)) == TypeNumber.uuid else {
            refuse(column, as: "a UUID")
            return 0
        }
        return UInt128(bigEndian: value.loadUnaligned(as: UInt128.self))
    }

    func text(_ column: Int) -> UnsafeRawBufferPointer {
        guard let value = value(column) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        guard TypeNumber.isText(PQftype(result, Int32(column))) else {
            refuse(column, as: "a text")
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return value
    }

    func bytes(_ column: Int) -> UnsafeRawBufferPointer {
        guard let value = value(column) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        guard PQftype(result, Int32(column)) == TypeNumber.bytes else {
            refuse(column, as: "bytes")
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return value
    }

    func fail(_ fault: StorageFault) { self.fault = self.fault ?? fault }

    private func has(_ column: Int) -> Bool {
        if column >= 0 && column < columnCount { return true }
        fail(.broken("there is no column \(column) in an answer of \(columnCount)"))
        return false
    }

    /// The bytes of a column that must have a value. Libpq has put a NUL behind them, so they have an address even when there are none.
    private func value(_ column: Int) -> UnsafeRawBufferPointer? {
        guard has(column) else { return nil }
        let index = Int32(column)
        guard PQgetisnull(result, row, index) == 0 else {
            fail(.broken("column \(column) (\(name(column))) is NULL"))
            return nil
        }
        return UnsafeRawBufferPointer(start: PQgetvalue(result, row, index), count: Int(PQgetlength(result, row, index)))
    }

    private func refuse(_ column: Int, as wanted: String) {
        fail(.broken("column \(column) (\(name(column))) is not \(wanted) but of the type numbered \(PQftype(result, Int32(column)))"))
    }

    private func name(_ column: Int) -> String { PQfname(result, Int32(column)).map { String(cString: $0) } ?? "" }
}
