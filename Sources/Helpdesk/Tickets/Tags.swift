internal import Codec
internal import Domain
internal import Storage

// A tag is one tag however it is spelled: `Printer`, `printer`, `PRINTER`. The spelling of who used it first is shown by all tickets and
// articles, and the tables that lead to them hold the key.

/// How tags are told apart.
func tagKey(_ tag: String) -> String { key(tag) }

extension TicketEdit {
    /// The same with tags in their one spelling.
    func spelled(by work: Work) async throws -> TicketEdit {
        var edit = self
        switch tags {
        case .to(let wanted): edit.tags = .to(try await work.db.spelled(wanted))
        case .absent, .null: break
        }
        edit.addedTags = try await work.db.spelled(addedTags)
        edit.removedTags = try await work.db.known(removedTags)
        return edit
    }
}

extension Connection {
    /// The tags in their one spelling, each once; new ones are known from now on.
    func spelled(_ tags: [String]) async throws -> [String] {
        if tags.isEmpty { return [] }
        var known = try await spellings(of: tags)
        var new: [(key: String, name: String)] = []
        for tag in tags where known[tagKey(tag)] == nil {
            known[tagKey(tag)] = tag
            new.append((tagKey(tag), tag))
        }
        if !new.isEmpty {
            // In one order, so that two who do the same wait for each other and no more.
            new.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            let rows = new.map { "(\($0.key), \($0.name))" as SQL }.joined(by: ", ")
            try await run("INSERT INTO tags (key, name) VALUES \(rows) ON CONFLICT DO NOTHING")
            // Another may have been quicker.
            for (key, name) in try await spellings(of: new.map(\.name)) { known[key] = name }
        }
        var seen: Set<String> = []
        return tags.map(tagKey).filter { seen.insert($0).inserted }.compactMap { known[$0] }
    }

    /// Those of the tags that are in use, in their one spelling.
    fileprivate func known(_ tags: [String]) async throws -> [String] {
        tags.isEmpty ? [] : Array(try await spellings(of: tags).values)
    }

    /// By key.
    private func spellings(of tags: [String]) async throws -> [String: String] {
        let rows = try await all("SELECT key, name FROM tags WHERE key IN \(list: tags.map(tagKey))") { (key: $0.text(), name: $0.text()) }
        return Dictionary(rows.map { ($0.key, $0.name) }) { first, _ in first }
    }
}

extension Desk {
    /// Forgets tags that no ticket and no article has any more. Who uses one at this moment makes it known again.
    @discardableResult public func forgetUnusedTags() async throws -> Int {
        try await inBatches { work in
            let keys = try await work.db.all(
                """
                SELECT k.key FROM tags k WHERE NOT EXISTS (SELECT 1 FROM ticket_tags g WHERE g.tag = k.key)
                    AND NOT EXISTS (SELECT 1 FROM article_tags g WHERE g.tag = k.key)
                ORDER BY k.key LIMIT \(Batch.most)\(work.db.engine.claim)
                """
            ) { $0.text() }
            if keys.isEmpty { return Batch(0) }
            return Batch(try await work.db.run("DELETE FROM tags WHERE key IN \(list: keys)"))
        }
    }
}
