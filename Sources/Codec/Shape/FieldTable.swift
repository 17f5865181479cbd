/// The fields of a shape, and the loops over them. Not generic: see `FieldCode`. Every raw pointer is to the shape's `Root`.
@usableFromInline final class FieldTable: Sendable {
    let name: StaticString
    private let summary: String
    private let fields: [FieldCode]
    private let choices: [[StaticString]]
    /// Writes all fields: an answer is written far more often than a field is looked at.
    private let writeFields: FieldCode.Write
    /// A bit for each field that must be given.
    private let required: UInt64

    init(_ name: StaticString, _ summary: String, choices: [[StaticString]], _ fields: [FieldCode]) {
        precondition(fields.count <= 64, "a shape has 64 fields at most: each is a bit")
        self.name = name
        self.summary = summary
        self.fields = fields
        self.choices = choices
        writeFields = Self.writing(fields[...])
        required = fields.enumerated().reduce(0) { $1.element.isInput && $1.element.outline.isRequired ? $0 | 1 << $1.offset : $0 }
    }

    var outline: ShapeOutline { ShapeOutline(name: name, summary: summary, fields: fields.map(\.outline), choices: choices) }

    @usableFromInline func write(_ root: UnsafeRawPointer, to writer: inout JSONWriter) {
        writer.beginObject()
        writeFields(root, &writer)
        writer.endObject()
    }

    /// What writes these fields, one after the other. Each of it calls two that it holds, and so counts no references, which a loop over
    /// closures in an array does twice for each.
    private static func writing(_ fields: ArraySlice<FieldCode>) -> FieldCode.Write {
        guard let first = fields.first else { return { _, _ in } }
        if fields.count == 1 { return first.write }
        let middle = fields.startIndex + fields.count / 2
        let (writeFirst, writeRest) = (writing(fields[..<middle]), writing(fields[middle...]))
        return { root, writer in
            writeFirst(root, &writer)
            writeRest(root, &writer)
        }
    }

    // MARK: JSON

    /// Fills `root` from a body, and says what is wrong with it.
    @usableFromInline func faults(
        json bytes: UnsafeRawBufferPointer, ours isOurs: Bool, into root: UnsafeMutableRawPointer, _ unknown: Reading.Unknown
    ) -> Faults {
        var reader = JSONReader(bytes, ours: isOurs)
        var reading = Reading(unknown: unknown)
        do throws(JSONFault) {
            if let broken = fill(root, from: &reader, &reading) { throw broken }
            try reader.finish()
        } catch {
            return Faults(error)
        }
        return reading.faults.placed()
    }

    /// Fills `root` from the next value. Faults are noted; gives what is wrong with the JSON itself, if anything.
    @usableFromInline func fill(_ root: UnsafeMutableRawPointer, from reader: inout JSONReader, _ reading: inout Reading) -> JSONFault? {
        do throws(JSONFault) {
            guard try reader.peek() == .object else {
                try reader.skipValue()
                reading.note(.noObject)
                return nil
            }
            try fillObject(root, from: &reader, &reading)
            return nil
        } catch {
            return error
        }
    }

    private func fillObject(_ root: UnsafeMutableRawPointer, from reader: inout JSONReader, _ reading: inout Reading) throws(JSONFault) {
        var seen: UInt64 = 0
        var likely = 0
        try reader.beginObject()
        while let name = try reader.nextName() {
            let index = index(of: name, likely: likely)
            guard index < fields.count, let read = fields[index].readJSON else {
                noteUnknown(name.string ?? "", &reading)
                try reader.skipValue()
                continue
            }
            likely = index &+ 1
            let before = reading.faultCount
            if seen & 1 << UInt64(index) != 0 {
                reading.note(.duplicateField)
                try reader.skipValue()
            } else {
                seen |= 1 << UInt64(index)
                try read(&reader, root, &reading)
            }
            if reading.faultCount != before { reading.locate(since: before, under: fields[index].name.description) }
        }
        if required & ~seen != 0 { noteMissing(seen, &reading) }
    }

    /// The place of the field of that name; the number of fields when there is none. Callers mostly send fields in the order of our
    /// documentation, so the next one is tried first.
    @inline(__always) private func index(of name: JSONText, likely: Int) -> Int {
        if likely < fields.count && name.equals(fields[likely].name) { return likely }
        return fields.firstIndex { $0.isCalled(name) } ?? fields.count
    }

    // MARK: Forms

    /// Fills `root` from a form, and says what is wrong with it.
    func faults(form pairs: [(String, String)], into root: UnsafeMutableRawPointer, _ unknown: Reading.Unknown) -> Faults {
        var reading = Reading(unknown: unknown)
        var texts: [[String]] = Array(repeating: [], count: fields.count)
        var seen: UInt64 = 0
        for (name, text) in pairs {
            guard let index = fields.firstIndex(where: { $0.isInput && $0.isCalled(name) }) else {
                noteUnknown(name, &reading)
                continue
            }
            texts[index].append(text)
            seen |= 1 << UInt64(index)
        }
        for (field, texts) in zip(fields, texts) where !texts.isEmpty {
            let before = reading.faultCount
            field.readTexts?(texts, root, &reading)
            reading.locate(since: before, under: field.name.description)
        }
        noteMissing(seen, &reading)
        return reading.faults.placed()
    }

    // MARK: Faults

    private func noteUnknown(_ name: String, _ reading: inout Reading) {
        guard reading.unknown == .refused else { return }
        let before = reading.faultCount
        reading.note(.unknownField)
        reading.locate(since: before, under: name.asLocation)
    }

    private func noteMissing(_ seen: UInt64, _ reading: inout Reading) {
        for (index, field) in fields.enumerated() where required & ~seen & 1 << UInt64(index) != 0 {
            let before = reading.faultCount
            reading.note(.missing)
            reading.locate(since: before, under: field.name.description)
        }
    }
}
