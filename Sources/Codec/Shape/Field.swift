/// One field of a shape: its name, where it is kept in the value, and its kind.
public struct Field<Root: Sendable>: Sendable {
    public typealias ReadJSON = @Sendable (inout JSONReader, UnsafeMutablePointer<Root>, inout Reading) throws(JSONFault) -> Void
    public typealias ReadTexts = @Sendable ([String], UnsafeMutablePointer<Root>, inout Reading) -> Void
    public typealias Write = @Sendable (UnsafePointer<Root>, inout JSONWriter) -> Void

    public let name: StaticString
    let aliases: [StaticString]
    let outline: FieldOutline
    /// Nil for what is only written.
    @usableFromInline let readJSON: ReadJSON?
    @usableFromInline let readTexts: ReadTexts?
    @usableFromInline let write: Write

    @usableFromInline init(
        name: StaticString, aliases: [StaticString], outline: FieldOutline, readJSON: ReadJSON?, readTexts: ReadTexts?,
        write: @escaping Write
    ) {
        self.name = name
        self.aliases = aliases
        self.outline = outline
        self.readJSON = readJSON
        self.readTexts = readTexts
        self.write = write
    }

    /// A field that is read and written.
    ///
    /// - Parameters:
    ///   - also: other names it goes by on input.
    ///   - required: whether it must be given; the kind says so unless this does.
    @inlinable public init<Value: Sendable>(
        _ name: StaticString, _ path: any WritableKeyPath<Root, Value> & Sendable, _ kind: Kind<Value>, _ summary: String,
        also: [StaticString] = [], required: Bool? = nil
    ) {
        let outline = FieldOutline(
            name: name, summary: summary, schema: kind.schema, isRequired: required ?? kind.isRequired, isReadOnly: false)
        let place = Place(path)
        self.init(
            name: name, aliases: also, outline: outline,
            readJSON: { (reader, root, reading) throws(JSONFault) in
                if let value = try kind.readJSON(&reader, &reading) { place.set(value, in: root) }
            },
            readTexts: { texts, root, reading in
                if let value = kind.readTexts(texts, &reading) { place.set(value, in: root) }
            },
            write: { root, writer in
                let value = place.get(from: root)
                if let isLeftOut = kind.isLeftOut, isLeftOut(value) { return }
                writer.key(name)
                kind.writeJSON(value, &writer)
            })
    }

    /// A field that is only written, made from the value.
    public init<Value: Sendable>(
        _ name: StaticString, from make: @escaping @Sendable (Root) -> Value, _ kind: Kind<Value>, _ summary: String
    ) {
        let outline = FieldOutline(name: name, summary: summary, schema: kind.schema, isRequired: kind.isRequired, isReadOnly: true)
        self.init(
            name: name, aliases: [], outline: outline, readJSON: nil, readTexts: nil,
            write: { root, writer in
                let value = make(root.pointee)
                if let isLeftOut = kind.isLeftOut, isLeftOut(value) { return }
                writer.key(name)
                kind.writeJSON(value, &writer)
            })
    }
}

/// Where in a value a field is kept. A key path costs tens of nanoseconds each time; a pointer costs one.
///
/// That is sound because `MemoryLayout.offset(of:)` gives an offset only for a path through stored properties of structs,
/// laid out inline and without observers, and promises that the address of the whole plus that offset is the address of a
/// `Value` there. For every other path it gives nil, and then the key path is used.
@usableFromInline struct Place<Root: Sendable, Value: Sendable>: Sendable {
    @usableFromInline let path: any WritableKeyPath<Root, Value> & Sendable
    @usableFromInline let offset: Int?

    @usableFromInline init(_ path: any WritableKeyPath<Root, Value> & Sendable) {
        self.path = path
        offset = MemoryLayout<Root>.offset(of: path)
    }

    @inlinable func get(from root: UnsafePointer<Root>) -> Value {
        guard let offset else { return root.pointee[keyPath: path] }
        return (UnsafeRawPointer(root) + offset).assumingMemoryBound(to: Value.self).pointee
    }

    @inlinable func set(_ value: Value, in root: UnsafeMutablePointer<Root>) {
        guard let offset else { return root.pointee[keyPath: path] = value }
        (UnsafeMutableRawPointer(root) + offset).assumingMemoryBound(to: Value.self).pointee = value
    }
}

/// Gathers the fields of a shape, one a line.
@resultBuilder public enum FieldBuilder<Root: Sendable> {
    public static func buildExpression(_ field: Field<Root>) -> [Field<Root>] { [field] }
    public static func buildExpression(_ fields: [Field<Root>]) -> [Field<Root>] { fields }
    public static func buildBlock(_ parts: [Field<Root>]...) -> [Field<Root>] { parts.flatMap { $0 } }
}
