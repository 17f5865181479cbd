import Codec
import Harness

/// Bodies from anybody against a declared shape: a value that comes out is written and read as itself; otherwise faults come
/// out, a bounded number of them, that can be written.
@main struct FuzzShape {
    static func main() {
        fuzz { input in
            var choices = Choices(input)
            let unknown: Reading.Unknown = choices.flag() ? .refused : .ignored
            do throws(Faults) {
                let order = try Order.shape.read(json: choices.rest, unknown: unknown)
                isKept(order)
            } catch {
                areTold(error)
            }
            _ = components
        }
    }

    private static func isKept(_ order: Order) {
        check((1...20).contains(order.title.unicodeScalars.count) && !order.title.utf8.contains(0), "a title that is no title")
        check(order.tags.count <= 3 && order.people.count <= 4, "more than there may be")
        let bytes = JSON.bytes(of: order)
        do throws(Faults) {
            let again = try Order.shape.read(json: bytes)
            check(again == order, "\(order) became \(again)")
        } catch {
            fatalError("what was written cannot be read: \(error)")
        }
    }

    private static func areTold(_ faults: Faults) {
        check((1...Faults.most).contains(faults.list.count), "\(faults.list.count) faults")
        var writer = JSONWriter()
        faults.write(to: &writer)
        let told = try? JSONValue(parsing: writer.finish())
        check(told?.elements?.count == faults.list.count, "faults that are not JSON")
        for fault in faults.list { check(!fault.location.isEmpty, "a fault nowhere") }
    }

    /// The schema, made once so that it is known not to trap.
    private static let components: Int = {
        var writer = JSONWriter()
        var components = SchemaComponents()
        Order.shape.schema.write(to: &writer, meeting: &components)
        return writer.count
    }()
}

private enum Haste: String, Word {
    case none, some, highest = "the_highest"
    static let aliases: [String: Haste] = ["asap": .highest]
}

private struct Person: Shaped, Equatable {
    var email = ""
    var name: String?
    static let shape = Shape("Person", "Somebody", Person()) {
        Field("email", \.email, .text(3...30), "Address")
        Field("name", \.name, .text(1...10).orAbsent, "What to call them")
    }
}

/// A field of every kind.
private struct Order: Shaped, Equatable {
    var title = "", note: String?, haste = Haste.none, tags: [String] = [], people: [Person] = []
    var count = 0, weight = 0.0, isPaid = false, id = UUID.zero, due: Change<Timestamp> = .absent
    var sizes: [ByteName: Int] = [:], rest = JSONValue.null, buyer: Person?
    static let shape = Shape("Order", "Of every kind a field", Order()) {
        Field("title", \.title, .text(1...20), "A text", also: ["subject"])
        Field("note", \.note, .text(0...10).optional, "A text or null")
        Field("haste", \.haste, .word(Haste.self), "A word", required: false)
        Field("tags", \.tags, .list(of: .text(1...5), atMost: 3), "A list", required: false)
        Field("people", \.people, .list(of: .object(Person.self), atMost: 4), "A list of objects", required: false)
        Field("count", \.count, .integer(-5...1000), "A whole number", required: false)
        Field("weight", \.weight, .number, "A number", required: false)
        Field("isPaid", \.isPaid, .boolean, "A flag", required: false)
        Field("id", \.id, .uuid, "An id", required: false)
        Field("due", \.due, .time.change, "A time that may change")
        Field("sizes", \.sizes, .map(of: .integer(0...9), atMost: 3), "A map", required: false)
        Field("rest", \.rest, .json, "Anything", required: false)
        Field("buyer", \.buyer, .object(Person.self).optional, "An object or null")
    }
}

extension Change where Value: Equatable {
    static func == (left: Change, right: Change) -> Bool {
        switch (left, right) {
        case (.absent, .absent), (.null, .null): true
        case (.to(let left), .to(let right)): left == right
        default: false
        }
    }
}
