/// One thing that is wrong with what a caller sent, and where. Types and messages are in pydantic's words, which clients know.
public struct Fault: Equatable, Sendable {
    /// A path like `tags.3` or `requester.email`; `body` for the whole.
    public var location: String
    public var type: String
    /// One sentence for people.
    public var message: String
    /// The bound that was broken and the like, by name.
    public var context: [JSONValue.Member]

    public init(_ type: String, _ message: String, _ context: [JSONValue.Member] = [], at location: String = "") {
        self.location = location
        self.type = type
        self.message = message
        self.context = context
    }

    /// The longest part of a location or list of choices that a caller's own words may make.
    static let longestName = 100
}

/// All that is wrong with a body or a query, gathered in one go. The first hundred are kept: nobody mends more at once.
public struct Faults: Error, Equatable, Sendable {
    public static let most = 100
    public internal(set) var list: [Fault] = []

    public init() {}

    public init(_ fault: Fault) { add(fault) }

    /// The fault of a body that is no JSON at all.
    public init(_ fault: JSONFault) {
        add(Fault("json_invalid", "Invalid JSON: \(fault.message)", [.init("offset", .integer(fault.offset))], at: "body"))
    }

    @inlinable public var isEmpty: Bool { list.isEmpty }

    public mutating func add(_ fault: Fault) {
        if list.count < Faults.most { list.append(fault) }
    }

    /// Puts `place` before the locations of all faults from the `first`-th on: whoever knows the name of what was read, names it.
    mutating func locate(from first: Int, under place: @autoclosure () -> String) {
        guard first < list.count else { return }
        let place = place()
        for at in first..<list.count {
            let inner = list[at].location
            list[at].location = inner.isEmpty ? place : "\(place).\(inner)"
        }
    }

    /// With `body` where no location was given.
    func placed() -> Faults {
        if isEmpty { return self }
        var faults = Faults()
        for var fault in list {
            if fault.location.isEmpty { fault.location = "body" }
            faults.add(fault)
        }
        return faults
    }

    /// Writes the array that stands under `errors` in an answer.
    public func write(to writer: inout JSONWriter) {
        writer.beginArray()
        for fault in list {
            writer.beginObject()
            writer.key("location")
            writer.value(fault.location.isEmpty ? "body" : fault.location)
            writer.key("message")
            writer.value(fault.message)
            writer.key("type")
            writer.value(fault.type)
            if !fault.context.isEmpty {
                writer.key("context")
                writer.value(.object(fault.context))
            }
            writer.endObject()
        }
        writer.endArray()
    }
}

/// What is passed along while a body is read: where its faults are noted, and how strict to be.
public struct Reading: Sendable {
    /// What becomes of a field that the shape does not know.
    public enum Unknown: Sendable {
        /// It is a fault: a typo must not be ignored.
        case refused
        /// It is passed over, as the dialects do.
        case ignored
    }

    @usableFromInline var faults = Faults()
    public let unknown: Unknown

    @usableFromInline init(unknown: Unknown) { self.unknown = unknown }

    /// Notes a fault of the value that is being read; who called puts the location before it.
    public mutating func note(_ fault: Fault) { faults.add(fault) }

    /// How many faults were noted so far; what comes after can be placed by `locate`.
    @inlinable public var faultCount: Int { faults.list.count }

    /// Puts `place` before the locations of the faults noted since there were `count`.
    public mutating func locate(since count: Int, under place: @autoclosure () -> String) {
        faults.locate(from: count, under: place())
    }
}
