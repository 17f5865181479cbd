/// One field of a shape: its name, where it is kept in the value, and its kind.
public struct Field<Root: Sendable>: Sendable {
    let code: FieldCode

    @usableFromInline init(_ code: FieldCode) { self.code = code }

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
            FieldCode(
                outline, aliases: also,
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
                }))
    }

    /// A field that is only written, made from the value.
    @inlinable public init<Value: Sendable>(
        _ name: StaticString, from make: @escaping @Sendable (Root) -> Value, _ kind: Kind<Value>, _ summary: String
    ) {
        let outline = FieldOutline(name: name, summary: summary, schema: kind.schema, isRequired: kind.isRequired, isReadOnly: true)
        self.init(
            FieldCode(
                outline, aliases: [], readJSON: nil, readTexts: nil,
                write: { root, writer in
                    let value = make(root.assumingMemoryBound(to: Root.self).pointee)
                    if let isLeftOut = kind.isLeftOut, isLeftOut(value) { return }
                    writer.key(name)
                    kind.writeJSON(value, &writer)
                }))
    }
}

extension Field {
    /// The fields of a part of the value, as the part declares them. `part` is a stored property.
    public static func all<Part: Sendable>(
        of part: any WritableKeyPath<Root, Part> & Sendable, _ fields: [Field<Part>]
    ) -> [Field<Root>] {
        guard let offset = MemoryLayout<Root>.offset(of: part) else { preconditionFailure("\(part) is no stored property") }
        return fields.map { Field($0.code.moved(by: offset)) }
    }
}

/// A field as the loops see it: its types are inside the closures, which the module that declares the shape gets specialised.
/// So the loops are not generic, and ask for no type's metadata at run time. The raw pointers are to a whole `Root`.
@usableFromInline final class FieldCode: Sendable {
    @usableFromInline typealias ReadJSON = @Sendable (inout JSONReader, UnsafeMutableRawPointer, inout Reading) throws(JSONFault) -> Void
    @usableFromInline typealias ReadTexts = @Sendable ([String], UnsafeMutableRawPointer, inout Reading) -> Void
    @usableFromInline typealias Write = @Sendable (UnsafeRawPointer, inout JSONWriter) -> Void

    let name: StaticString
    let aliases: [StaticString]
    let outline: FieldOutline
    /// Nil for what is only written.
    let readJSON: ReadJSON?
    let readTexts: ReadTexts?
    let write: Write

    @usableFromInline init(
        _ outline: FieldOutline, aliases: [StaticString], readJSON: ReadJSON?, readTexts: ReadTexts?, write: @escaping Write
    ) {
        name = outline.name
        self.aliases = aliases
        self.outline = outline
        self.readJSON = readJSON
        self.readTexts = readTexts
        self.write = write
    }

    /// The same field of something that holds the whole at that offset.
    func moved(by offset: Int) -> FieldCode {
        var movedJSON: ReadJSON?
        if let readJSON {
            movedJSON = { (reader, root, reading) throws(JSONFault) in try readJSON(&reader, root + offset, &reading) }
        }
        var movedTexts: ReadTexts?
        if let readTexts { movedTexts = { texts, root, reading in readTexts(texts, root + offset, &reading) } }
        let write = write
        return FieldCode(
            outline, aliases: aliases, readJSON: movedJSON, readTexts: movedTexts,
            write: { root, writer in write(root + offset, &writer) })
    }

    /// Whether it is read at all.
    var isInput: Bool { readJSON != nil }

    func isCalled(_ text: JSONText) -> Bool { text.equals(name) || aliases.contains { text.equals($0) } }

    func isCalled(_ text: String) -> Bool { text.equals(name) || aliases.contains(where: text.equals) }
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

    /// The field's value in the `Root` at `root`.
    @inlinable func get(from root: UnsafeRawPointer) -> Value {
        guard let offset else { return root.assumingMemoryBound(to: Root.self).pointee[keyPath: path] }
        return (root + offset).assumingMemoryBound(to: Value.self).pointee
    }

    /// Sets the field in the `Root` at `root`.
    @inlinable func set(_ value: Value, in root: UnsafeMutableRawPointer) {
        guard let offset else { return root.assumingMemoryBound(to: Root.self).pointee[keyPath: path] = value }
        (root + offset).assumingMemoryBound(to: Value.self).pointee = value
    }
}

/// Gathers the fields of a shape, one a line.
@resultBuilder public enum FieldBuilder<Root: Sendable> {
    public static func buildExpression(_ field: Field<Root>) -> [Field<Root>] { [field] }
    public static func buildExpression(_ fields: [Field<Root>]) -> [Field<Root>] { fields }
    public static func buildBlock(_ parts: [Field<Root>]...) -> [Field<Root>] { parts.flatMap { $0 } }
}
