internal import Domain
internal import Storage

/// People whose names hold words that are searched for: what they asked is found by these words too, as if the name stood in it.
struct NamedRequesters {
    private var people: [String: [Person.ID]] = [:]
    private var peopleByBeginning: [Person.ID] = []

    /// As many people a word: of more who are called the same, those who came last.
    private static let mostEach = 20
    /// Words that a question may have and be looked for in names.
    private static let mostWords = 8

    /// - Parameter beginning: a word that may be the beginning of one.
    init(called words: [TextMatch], beginning: String?, _ db: Connection) async throws {
        let words = words.compactMap { if case .word(let word) = $0 { word } else { nil } }.prefix(Self.mostWords)
        for word in words { people[word] = try await db.people(withWord: word, atMost: Self.mostEach) }
        if let beginning { peopleByBeginning = try await db.people(withWordFrom: beginning, atMost: Self.mostEach) }
    }

    /// The same, where what somebody asked counts as holding their name.
    func widened(_ match: TextMatch) -> TextMatch {
        switch match {
        case .word(let word): Self.any(match, people[word] ?? [])
        case .beginning: Self.any(match, peopleByBeginning)
        case .all(let parts): .all(parts.map(widened))
        case .any(let parts): .any(parts.map(widened))
        case .except(let left, let right): .except(widened(left), right)
        case .phrase, .requester: match
        }
    }

    private static func any(_ match: TextMatch, _ people: [Person.ID]) -> TextMatch {
        people.isEmpty ? match : .any([match] + people.map { .requester($0) })
    }
}

extension Person {
    /// The words of their name as they are searched for, with accents and without.
    var nameWords: Set<String> {
        var words: Set<String> = []
        for word in SearchableName.words(of: name) {
            words.insert(word)
            words.insert(SearchableName.plain(word))
        }
        return words
    }
}

enum SearchableName {
    /// Names have a hundred characters each; what is longer than that is nobody's.
    private static let (mostWords, longest) = (20, 100)

    static func words(of name: String) -> [String] {
        let text = WordedText(key(name))
        return text.words.prefix(mostWords).map { String(decoding: text.bytes[$0].prefix(longest * 4), as: UTF8.self) }
    }

    /// Latin letters without what stands above and below them: Unicode names each after the letter that it is made of.
    static func plain(_ word: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in word.unicodeScalars {
            guard !scalar.isASCII else {
                scalars.append(scalar)
                continue
            }
            if scalar.properties.generalCategory == .nonspacingMark { continue }
            let name = Array((scalar.properties.name ?? "").utf8)
            let (before, behind) = (Array("LATIN SMALL LETTER ".utf8), Array(" WITH ".utf8))
            if name.starts(with: before), name.count > before.count + 1, name[(before.count + 1)...].starts(with: behind) {
                scalars.append(Unicode.Scalar(name[before.count] | 0x20))
            } else {
                scalars.append(scalar)
            }
        }
        return String(scalars)
    }
}

extension Connection {
    fileprivate func people(withWord word: String, atMost most: Int) async throws -> [Person.ID] {
        let word = key(word)
        return try await all(
            """
            SELECT w.person_id FROM people_words w WHERE w.word IN \(list: [word, SearchableName.plain(word)])
            ORDER BY w.person_id DESC LIMIT \(most)
            """
        ) { $0.id() }
    }

    fileprivate func people(withWordFrom word: String, atMost most: Int) async throws -> [Person.ID] {
        let word = key(word)
        return try await all(
            """
            SELECT w.person_id FROM people_words w WHERE w.word >= \(word) AND w.word < \(word + "\u{10FFFF}")
            ORDER BY w.word, w.person_id LIMIT \(most)
            """
        ) { $0.id() }
    }

    /// Keeps the words by which somebody is found.
    func replaceWords(of person: Person) async throws {
        let words = person.nameWords.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        try await run("DELETE FROM people_words WHERE person_id = \(person.id)")
        if words.isEmpty { return }
        let rows = words.map { "(\($0), \(person.id))" as SQL }.joined(by: ", ")
        try await run("INSERT INTO people_words (word, person_id) VALUES \(rows) ON CONFLICT DO NOTHING")
    }
}
