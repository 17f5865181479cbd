/// Text, numbers, truth, ids and times.
extension Kind {
    /// Text of so many Unicode scalars, without NUL.
    public static func text(_ length: ClosedRange<Int>) -> Kind<String> {
        @Sendable func checked(_ text: String, _ reading: inout Reading) -> String? {
            // A scalar takes one to four bytes, so most lengths need no counting.
            let bytes = text.utf8.count
            if bytes <= length.upperBound && (bytes + 3) / 4 >= length.lowerBound { return text }
            let scalars = text.scalarCount
            if scalars < length.lowerBound { return reading.refuse(.tooShort(length.lowerBound)) }
            if scalars > length.upperBound { return reading.refuse(.tooLong(length.upperBound)) }
            return text
        }
        return Kind<String>(
            .text(length),
            json: { (reader, reading) throws(JSONFault) in
                guard try reader.peek() == .string else { return try reading.refuse(.noString, skipping: &reader) }
                let text = try reader.readText()
                if text.hasNUL { return reading.refuse(.hasNUL) }
                guard let string = text.string else { return reading.refuse(.tooManyMarks) }
                return checked(string, &reading)
            },
            text: { text, reading in
                text.utf8.contains(0) ? reading.refuse(.hasNUL) : checked(text, &reading)
            },
            write: { text, writer in writer.value(text) })
    }

    /// A whole number. `3.0` is one, `"3"` is none in JSON and is one in a form. Whatever the bounds, what is read lies in `Int.exact`.
    public static func integer(_ bounds: ClosedRange<Int> = Int.exact) -> Kind<Int> {
        let bounds = bounds.clamped(to: Int.exact)
        @Sendable func checked(_ number: Int, _ reading: inout Reading) -> Int? {
            if number < bounds.lowerBound { return reading.refuse(.tooSmall(bounds.lowerBound)) }
            if number > bounds.upperBound { return reading.refuse(.tooLarge(bounds.upperBound)) }
            return number
        }
        return Kind<Int>(
            .integer(bounds),
            json: { (reader, reading) throws(JSONFault) in
                guard try reader.peek() == .number else { return try reading.refuse(.noInt, skipping: &reader) }
                let number: JSONReader.Number
                do throws(JSONFault) { number = try reader.readNumber() } catch {
                    guard error.reason == .numberTooLarge else { throw error }
                    return reading.refuse(.noInt)
                }
                switch number {
                case .integer(let number): return checked(number, &reading)
                case .double(let number):
                    guard number.rounded() == number else { return reading.refuse(.notWhole) }
                    // Beyond 2⁵³ a double no longer says which whole number was meant; the bound says enough.
                    guard number.magnitude < 0x1p53 else {
                        return reading.refuse(number < 0 ? .tooSmall(bounds.lowerBound) : .tooLarge(bounds.upperBound))
                    }
                    return checked(Int(number), &reading)
                }
            },
            text: { text, reading in
                // `Int` also takes a plus sign, which a query has no use for: there it is a blank.
                guard let number = Int(text), text.utf8.first != UInt8(ascii: "+") else { return reading.refuse(.notIntText) }
                return checked(number, &reading)
            },
            write: { number, writer in writer.value(number) })
    }

    /// Any number.
    public static var number: Kind<Double> {
        Kind<Double>(
            .number,
            json: { (reader, reading) throws(JSONFault) in
                guard try reader.peek() == .number else { return try reading.refuse(.noNumber, skipping: &reader) }
                do throws(JSONFault) { return try reader.readDouble() } catch {
                    guard error.reason == .numberTooLarge else { throw error }
                    return reading.refuse(.notFinite)
                }
            },
            text: { text, reading in
                // The characters of a decimal number and no more: `Double` also takes `nan`, `inf` and hexadecimal.
                guard text.utf8.allSatisfy({ "+-.0123456789eE".utf8.contains($0) }), let number = Double(text) else {
                    return reading.refuse(.notNumberText)
                }
                return number.isFinite ? number : reading.refuse(.notFinite)
            },
            write: { number, writer in writer.value(number) })
    }

    private static var trueTexts: [StaticString] { ["true", "1", "yes", "on"] }
    private static var falseTexts: [StaticString] { ["false", "0", "no", "off"] }

    /// `true` or `false`; in a form also `1`, `0`, `yes`, `no`, `on`, `off`, in any case.
    public static var boolean: Kind<Bool> {
        Kind<Bool>(
            .boolean,
            json: { (reader, reading) throws(JSONFault) in
                guard try reader.peek() == .bool else { return try reading.refuse(.noBool, skipping: &reader) }
                return try reader.readBool()
            },
            text: { text, reading in
                if trueTexts.contains(where: text.equalsIgnoringCase) { return true }
                if falseTexts.contains(where: text.equalsIgnoringCase) { return false }
                return reading.refuse(.notBoolText)
            },
            write: { bool, writer in writer.value(bool) })
    }

    /// An id of any version.
    public static var uuid: Kind<UUID> {
        Kind<UUID>(
            .word("uuid"),
            json: { (reader, reading) throws(JSONFault) in
                guard try reader.peek() == .string else { return try reading.refuse(.noUUIDString, skipping: &reader) }
                let text = try reader.readText()
                return text.withMeaning { UUID(bytes: $0) } ?? reading.refuse(.notUUID)
            },
            text: { text, reading in UUID(text) ?? reading.refuse(.notUUID) },
            write: { id, writer in writer.quoted { id.write(to: &$0) } })
    }

    /// A moment, RFC 3339 with any offset; written in UTC with milliseconds.
    public static var time: Kind<Timestamp> {
        Kind<Timestamp>(
            .word("date-time"),
            json: { (reader, reading) throws(JSONFault) in
                guard try reader.peek() == .string else { return try reading.refuse(.noTimeString, skipping: &reader) }
                let text = try reader.readText()
                return text.withMeaning { Timestamp(bytes: $0) } ?? reading.refuse(.notTime)
            },
            text: { text, reading in Timestamp(text) ?? reading.refuse(.notTime) },
            write: { time, writer in writer.quoted { time.write(to: &$0) } })
    }

    /// JSON of any form.
    public static var json: Kind<JSONValue> {
        Kind<JSONValue>(
            .anything,
            json: { (reader, _) throws(JSONFault) in try reader.readValue() },
            write: { value, writer in writer.value(value) })
    }
}

extension String {
    /// How many Unicode scalars: one for each byte that does not continue another.
    var scalarCount: Int {
        var text = self
        return text.withUTF8 { bytes in
            var count = 0
            for byte in bytes { count &+= byte & 0xC0 == 0x80 ? 0 : 1 }
            return count
        }
    }
}
