internal import Codec
public import Domain

/// A question in the language of searches: what is to be found in words, and what is asked of the tickets besides.
///
///     let query = try SearchQuery("printer -toner status:open", at: "query")
public struct SearchQuery: Sendable, Equatable {
    /// What all has to be found; words and phrases.
    public var wanted: [TextMatch] = []
    /// What must not be found where the wanted is.
    public var unwanted: [TextMatch] = []
    /// The last of the wanted, when it may be the beginning of a word.
    public var beginning: String?
    /// What is asked of a ticket's fields, but for people who are named.
    public var filter = TicketFilter()
    /// People by name, to be looked up when the question is asked.
    var assignees: [SearchedPerson] = []
    var requesters: [SearchedPerson] = []
    var exceptAssignees: [SearchedPerson] = []
    var exceptRequesters: [SearchedPerson] = []
    /// The names of fields that tickets have and articles have not.
    public private(set) var ticketFields: [String] = []

    /// Words and phrases that a question may have: each costs a look into the index.
    static let mostWords = 32

    /// Throws `.invalid` with every fault there is.
    /// - Parameter location: the parameter that holds the text.
    public init(_ text: String, at location: String) throws(DeskError) {
        let typed = SearchText(text)
        var faults: [InvalidField] = []
        for term in typed.terms {
            do throws(SearchFault) { try take(term) } catch { faults.append(error.field(at: location, term)) }
        }
        if typed.endsInWord, case .word(let last)? = wanted.last, last.count >= 3 || !last.allSatisfy(\.isASCII) { beginning = last }
        if wanted.isEmpty, !unwanted.isEmpty {
            faults.append(
                InvalidField(location, "search_only_unwanted", "Beside words that shall not be there, a search needs one that shall"))
        }
        if wanted.count + unwanted.count > Self.mostWords {
            faults.append(InvalidField(location, "too_long", "A search has at most \(Self.mostWords) words"))
        }
        if !faults.isEmpty { throw .invalid(faults) }
    }

    /// Whether nothing is asked for.
    public var isEmpty: Bool { wanted.isEmpty && !hasFields }
    /// Whether articles can be asked the same: for words, and for nothing that only tickets have.
    public var suitsArticles: Bool { hasWords && ticketFields.isEmpty }
    /// Whether it asks for words, and not only for what stands in fields.
    public var hasWords: Bool { !wanted.isEmpty }
    private var hasFields: Bool {
        filter != TicketFilter() || !assignees.isEmpty || !requesters.isEmpty || !exceptAssignees.isEmpty || !exceptRequesters.isEmpty
    }

    private mutating func take(_ term: SearchText.Term) throws(SearchFault) {
        switch term.content {
        case .word(let word): add(.word(word), word, isExcluded: term.isExcluded)
        case .phrase(let phrase): add(.phrase(phrase), phrase, isExcluded: term.isExcluded)
        case .field(let name, let values): try take(name, values, isExcluded: term.isExcluded)
        }
    }

    /// What has neither a letter nor a digit stands in no index, so it is passed over.
    private mutating func add(_ match: TextMatch, _ text: String, isExcluded: Bool) {
        guard SearchText.isWord(text) else { return }
        if isExcluded { unwanted.append(match) } else { wanted.append(match) }
    }

    private mutating func take(_ name: String, _ values: [String], isExcluded: Bool) throws(SearchFault) {
        guard let field = SearchField(text: name) else { throw .noField(name) }
        if values.contains("") { throw .noValue(field, "") }
        if field != .category, field != .tag { ticketFields.append(name) }
        if isExcluded { try exclude(field, values) } else { try ask(field, values) }
    }
}

/// What a question may ask of a ticket beside its words.
enum SearchField: String, Word {
    case status, priority, assignee, requester, tag, category, type, created, updated, `is`
    case supportRole = "support_role"

    static var aliases: [String: SearchField] { ["tier": .supportRole, "tags": .tag] }
}

/// Somebody as a question names them.
enum SearchedPerson: Sendable, Equatable {
    case me
    case id(Person.ID)
    case named(String)

    init(_ text: String) {
        if text.lowercased() == "me" {
            self = .me
        } else if let id = UUID(text) {
            self = .id(Person.ID(id.bits))
        } else {
            self = .named(text)
        }
    }
}

/// Why a term cannot be understood.
enum SearchFault: Error {
    case noField(String)
    case noValue(SearchField, String)
    case notExcluded(SearchField)

    func field(at location: String, _ term: SearchText.Term) -> InvalidField {
        let place = "at character \(term.place)"
        switch self {
        case .noField(let name):
            let known = SearchField.allCases.map(\.rawValue).joined(separator: ", ")
            return InvalidField(
                location, "search_field", "There is no field '\(name)' to search by (\(place)); in quotes it is a word. Fields are \(known)"
            )
        case .noValue(let field, let value):
            return InvalidField(location, "search_value", "'\(value)' is no value of \(field.rawValue) (\(place)): \(field.rule)")
        case .notExcluded(let field):
            return InvalidField(location, "search_value", "\(field.rawValue) cannot be excluded (\(place)): turn its comparison round")
        }
    }
}
