import Codec

enum Urgency: String, Word, Equatable {
    case low, medium, high, veryHigh = "very_high"
    static let aliases: [String: Urgency] = ["normal": .medium, "critical": .veryHigh]
}

struct PersonDraft: Shaped, Equatable {
    var email = ""
    var name: String?
    static let shape = Shape("PersonDraft", "Somebody", PersonDraft()) {
        Field("email", \.email, .text(3...254), "Address")
        Field("name", \.name, .text(1...100).orAbsent, "What to call them")
    }
}

struct TicketDraft: Shaped, Equatable {
    var title = "", description = "", priority: Urgency?, tags: [String] = []
    var requester: PersonDraft?
    var count = 0
    static let shape = Shape("TicketDraft", "What it takes to open a ticket", TicketDraft()) {
        Field("title", \.title, .text(1...255), "One line that says what is wrong", also: ["subject", "topic"])
        Field("description", \.description, .text(1...65_536), "All of it")
        Field("priority", \.priority, .word(Urgency.self).optional, "How urgent it is")
        Field("tags", \.tags, .list(of: .text(1...50), atMost: 20), "Words to find it by", required: false)
        Field("requester", \.requester, .object(PersonDraft.self).optional, "For whom")
        Field("count", \.count, .integer(0...100), "How often", required: false)
    }
}

struct TicketPatch: Shaped, Equatable {
    var title: String?
    var category: Change<String> = .absent
    var due: Change<Timestamp> = .absent
    static let shape = Shape("TicketPatch", "What is to change", TicketPatch()) {
        Field("title", \.title, .text(1...255).orAbsent, "The new title")
        Field("category", \.category, .text(1...50).change, "The new category")
        Field("due", \.due, .time.change, "By when")
    }
}

/// Holds itself, keeps one value behind an observer, and shows one that it does not keep.
struct Tree: Shaped, Equatable {
    var name = ""
    var watched = 0 { didSet { changes += 1 } }
    var changes = 0
    var children: [Tree] = []
    static let shape = Shape("Tree", "A tree", Tree()) {
        Field("name", \.name, .text(0...10), "Name")
        Field("watched", \.watched, .integer(), "A number with an observer", required: false)
        Field("children", \.children, .list(of: .object(Tree.self), atMost: 3), "Below", required: false)
        Field("size", from: { $0.children.count }, .integer(), "How many are below")
    }
}

/// Two parts, each of which declares its own fields.
struct Letter: Shaped, Equatable {
    var number = 0
    var sender = Place()
    var receiver = Place()

    struct Place: Equatable {
        var floor: Int?
        var town = ""

        static func fields(_ town: StaticString, _ floor: StaticString) -> [Field<Place>] {
            [Field(town, \.town, .text(1...10), "The town"), Field(floor, \.floor, Kind<Int>.integer(0...99).orAbsent, "The floor")]
        }
    }

    static let shape = Shape("Letter", "A letter", Letter()) {
        Field.all(of: \.receiver, Place.fields("to", "to_floor"))
        Field.all(of: \.sender, Place.fields("from", "from_floor"))
        Field("number", \.number, .integer(), "Its number", required: false)
    }
}

/// Every kind once.
struct Everything: Shaped, Equatable {
    var number = 0.0, flag = false, id = UUID.zero, time = Timestamp(milliseconds: 0)
    var word = Urgency.low, map: [ByteName: Int] = [:], free = JSONValue.null
    static let shape = Shape("Everything", "Every kind once", Everything()) {
        Field("number", \.number, .number, "A number", required: false)
        Field("flag", \.flag, .boolean, "A flag", required: false)
        Field("id", \.id, .uuid, "An id", required: false)
        Field("time", \.time, .time, "A time", required: false)
        Field("word", \.word, .word(Urgency.self), "A word", required: false)
        Field("map", \.map, .map(of: .integer(0...9), atMost: 3), "A map", required: false)
        Field("free", \.free, .json, "Anything", required: false)
    }
}

extension Shape {
    /// The value, or the faults as `location type` lines.
    func outcome(_ json: String, unknown: Reading.Unknown = .refused) -> Result<Root, Faults> {
        do throws(Faults) { return .success(try read(json: Array(json.utf8), unknown: unknown)) } catch { return .failure(error) }
    }

    func faults(_ json: String, unknown: Reading.Unknown = .refused) -> [String] { outcome(json, unknown: unknown).lines }

    func faults(form: [(String, String)], unknown: Reading.Unknown = .refused) -> [String] {
        do throws(Faults) { _ = try read(form: form, unknown: unknown) } catch { return error.list.map { "\($0.location) \($0.type)" } }
        return []
    }
}

extension Result where Failure == Faults {
    var lines: [String] { if case .failure(let faults) = self { faults.list.map { "\($0.location) \($0.type)" } } else { [] } }
}
