/// Kinds that hold others: objects, lists, maps.
extension Kind {
    /// An object of a shape. The shape is looked up when it is needed, so that two shapes may hold each other.
    @inlinable public static func object<Item: Shaped>(_ type: Item.Type) -> Kind<Item> {
        Kind<Item>(
            .shape { Item.shape.outline },
            json: { (reader, reading) throws(JSONFault) in try Item.shape.read(&reader, &reading) },
            write: { item, writer in Item.shape.write(item, to: &writer) })
    }

    /// A list. In a form: the name several times, or the values parted by commas.
    @inlinable public static func list<Item: Sendable>(of kind: Kind<Item>, atMost most: Int) -> Kind<[Item]> {
        Kind<[Item]>(
            .list(kind.schema, atMost: most),
            json: { (reader, reading) throws(JSONFault) in
                guard try reader.peek() == .array else { return try reading.refuse(.noList, skipping: &reader) }
                let before = reading.faultCount
                var items: [Item] = []
                var count = 0
                try reader.beginArray()
                while try reader.nextElement() {
                    count += 1
                    if count > most {
                        try reader.skipValue()
                        continue
                    }
                    let sofar = reading.faultCount
                    if let item = try kind.readJSON(&reader, &reading) { items.append(item) }
                    reading.locate(since: sofar, under: String(count - 1))
                }
                if count > most { reading.note(.tooMany(most, got: count, "List")) }
                return reading.faultCount == before ? items : nil
            },
            texts: { texts, reading in
                let before = reading.faultCount
                let parts = texts.flatMap {
                    $0.isEmpty ? [] : $0.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map(Substring.init)
                }
                if parts.count > most { return reading.refuse(.tooMany(most, got: parts.count, "List")) }
                var items: [Item] = []
                for (place, part) in parts.enumerated() {
                    let sofar = reading.faultCount
                    if let item = kind.readTexts([String(part)], &reading) { items.append(item) }
                    reading.locate(since: sofar, under: String(place))
                }
                return reading.faultCount == before ? items : nil
            },
            write: { items, writer in
                writer.beginArray()
                for item in items { kind.writeJSON(item, &writer) }
                writer.endArray()
            })
    }

    /// An object whose names are the caller's. Written in the order of its names, so that equal maps have equal bytes.
    @inlinable public static func map<Item: Sendable>(of kind: Kind<Item>, atMost most: Int) -> Kind<[ByteName: Item]> {
        Kind<[ByteName: Item]>(
            .map(kind.schema, atMost: most),
            json: { (reader, reading) throws(JSONFault) in
                guard try reader.peek() == .object else { return try reading.refuse(.noMap, skipping: &reader) }
                let before = reading.faultCount
                var items: [ByteName: Item] = [:]
                var seen: Set<ByteName> = []
                var count = 0
                try reader.beginObject()
                while let name = try reader.nextByteName() {
                    count += 1
                    if count > most {
                        try reader.skipValue()
                        continue
                    }
                    let sofar = reading.faultCount
                    if !seen.insert(name).inserted { reading.note(.duplicateField) }
                    if name.text.utf8.contains(0) { reading.note(.hasNUL) }
                    if let item = try kind.readJSON(&reader, &reading) { items[name] = item }
                    reading.locate(since: sofar, under: name.text.asLocation)
                }
                if count > most { reading.note(.tooMany(most, got: count, "Dictionary")) }
                return reading.faultCount == before ? items : nil
            },
            write: { items, writer in
                writer.beginObject()
                for (name, item) in items.sorted(by: { $0.key.text.utf8.lexicographicallyPrecedes($1.key.text.utf8) }) {
                    writer.key(name.text)
                    kind.writeJSON(item, &writer)
                }
                writer.endObject()
            })
    }
}

extension String {
    /// A caller's name as a part of a fault's location: not longer than is of use.
    @usableFromInline var asLocation: String {
        unicodeScalars.count <= Fault.longestName ? self : String(String.UnicodeScalarView(unicodeScalars.prefix(Fault.longestName))) + "…"
    }
}
