enum Percent { static func decode(_ b: UnsafeRawBufferPointer, into: inout [UInt8]) -> Bool { into.append(contentsOf: b); return true } }
func Query_pairs(_ b: UnsafeRawBufferPointer) -> [(String, String)]? { [] }
