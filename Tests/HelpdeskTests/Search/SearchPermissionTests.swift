import Domain
import Storage
import TestEngines
import Testing

@testable import Helpdesk

@Suite("Who finds what") struct SearchPermissionTests {
    /// A word for each kind of row, and who may find it.
    private struct Hidden {
        let word: String
        let who: [String]
    }

    @Test("nobody finds what they may not see: not in items, snippets, counts or suggestions", arguments: TestEngine.all)
    func everyCaller(on engine: TestEngine) async throws {
        var rules = Rules()
        rules.agentScope = .assigned
        let scoped = rules
        try await withDesk(on: engine, scoped) { desk in
            let rows = try await plant(on: desk)
            let callers = [
                "customer": desk.customer, "otherCustomer": desk.otherCustomer, "agent": desk.agent, "otherAgent": desk.otherAgent,
                "admin": desk.admin,
            ]
            for (name, caller) in callers {
                for row in rows {
                    let mayFind = row.who.contains(name)
                    var slice = SliceRequest()
                    slice.isCounted = true
                    let found = try await desk.finds(row.word, as: caller, slice)
                    #expect(found.items.isEmpty != mayFind && found.total == (mayFind ? 1 : 0), "\(name) and \(row.word)")
                    let common = try await desk.finds("shared", as: caller)
                    let said = common.items.contains { $0.snippet?.html.contains(row.word) ?? false || $0.ticket.title.contains(row.word) }
                    #expect(!said || mayFind, "\(name) reads of \(row.word)")
                    let text = "\(row.word) shared matter"
                    let similar = try await desk.desk.search(for: .server) { look in try await look.similar(to: text, as: caller).tickets }
                    #expect(similar.allSatisfy { $0.ticket.requester.id == caller.id || caller.isStaff }, "\(name) is suggested others'")
                    #expect(mayFind || !similar.contains { $0.ticket.title.contains(row.word) || $0.ticket.description.contains(row.word) })
                }
            }
        }
    }

    /// Rows of every kind, each with a word of its own and a common one.
    private func plant(on desk: TestDesk) async throws -> [Hidden] {
        let own = try await desk.ticket(titled: "Ownticket shared matter", "Owndescription shared matter")
        try await desk.assign(own, to: .id(desk.agent.id), by: desk.admin)
        try await desk.comment("Publiccomment shared", on: own, by: desk.agent)
        try await desk.comment("Privatecomment shared", on: own, by: desk.agent, .private)
        try await desk.ticket(titled: "Queueticket shared matter", by: desk.otherCustomer)
        let binned = try await desk.ticket(titled: "Binnedticket shared matter")
        try await desk.comment("Binnedcomment shared", on: binned, by: desk.customer)
        try await desk.write { work in try await work.discard(.id(binned.id), as: desk.admin) }
        let ofOwn = ["customer", "agent", "admin"]
        return [
            Hidden(word: "Ownticket", who: ofOwn), Hidden(word: "Owndescription", who: ofOwn), Hidden(word: "Publiccomment", who: ofOwn),
            Hidden(word: "Privatecomment", who: ["agent", "admin"]),
            Hidden(word: "Queueticket", who: ["otherCustomer", "agent", "otherAgent", "admin"]), Hidden(word: "Binnedticket", who: []),
            Hidden(word: "Binnedcomment", who: []),
        ]
    }

    @Test("drafts are the staff's, until they are published and once they are taken back", arguments: TestEngine.all)
    func drafts(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let article = try await desk.article("Zebra care", "How to groom", isPublished: false, tags: ["animal"], category: "zoo")
            func check(_ isPublic: Bool) async throws {
                for caller in [nil, desk.customer] {
                    #expect(try await desk.articles("zebra", as: caller).isEmpty != isPublic)
                    #expect(try await desk.articles("groom", as: caller).isEmpty != isPublic)
                }
                #expect(try await desk.articles("zebra animal category:zoo tag:animal", as: desk.agent).count == 1)
                let similar = try await desk.desk.search(for: .server) { look in
                    try await look.similar(to: "zebra groom", as: desk.customer).articles
                }
                #expect(similar.isEmpty != isPublic)
            }
            try await check(false)
            for isPublic in [true, false, true] {
                var edit = ArticleEdit()
                edit.isPublished = isPublic
                let ready = edit
                _ = try await desk.write { work in try await work.change(.id(article.id), ready, as: desk.agent) }
                try await check(isPublic)
            }
            var edit = ArticleEdit()
            (edit.title, edit.content) = ("Horse care", "How to ride")
            let ready = edit
            _ = try await desk.write { work in try await work.change(.id(article.id), ready, as: desk.agent) }
            #expect(try await desk.articles("zebra", as: desk.agent).isEmpty)
            let found = try await desk.articles("horse", as: nil)
            #expect(found.map(\.snippet.html) == ["<mark>Horse</mark> care"])
            try await desk.write { work in try await work.delete(.id(article.id), as: desk.agent) }
            #expect(try await desk.articles("horse", as: desk.agent).isEmpty)
            try await desk.indexIsSound()
        }
    }

    @Test("a ticket that goes to somebody else is found by them, and no more by who had it", arguments: TestEngine.all)
    func handedOver(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket(titled: "Printer")
            try await desk.comment("Extinguisher", on: ticket, by: desk.customer)
            try await desk.comment("Secretly", on: ticket, by: desk.agent, .private)
            // As joining earlier tickets to an account does.
            try await desk.write { work in
                var edit = TicketEdit()
                edit.priority = .high
                let ready = edit
                _ = try await work.change(.id(ticket.id), ready, as: desk.agent)
                try await work.giveForTest(ticket.id, to: desk.otherCustomer.id)
            }
            for word in ["printer", "extinguisher"] {
                #expect(try await desk.numbers(word, as: desk.customer).isEmpty)
                #expect(try await desk.numbers(word, as: desk.otherCustomer) == [ticket.number])
            }
            #expect(try await desk.numbers("secretly", as: desk.otherCustomer).isEmpty)
            #expect(try await desk.numbers("aaron printer") == [ticket.number])
            #expect(try await desk.numbers("alice").isEmpty)
            try await desk.indexIsSound()
        }
    }

    @Test("somebody's new name finds their tickets, the old one does not", arguments: TestEngine.all)
    func renamed(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket(titled: "Printer")
            var change = OwnChange()
            change.firstName = "Roxane"
            let ready = change
            _ = try await desk.write { work in try await work.change(ready, of: desk.customer, expecting: nil) }
            #expect(try await desk.numbers("roxane") == [ticket.number])
            #expect(try await desk.numbers("alice").isEmpty)
            try await desk.write { work in try await work.deleteUser(desk.customer.id, expecting: nil, as: desk.admin) }
            #expect(try await desk.numbers("roxane").isEmpty)
            try await desk.indexIsSound()
        }
    }

    @Test("a search that takes too long is given up, and the next one runs", arguments: TestEngine.all)
    func timeout(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.ticket(titled: "Printer")
            for _ in 0..<8 {
                await #expect(throws: StorageFault.timeout) {
                    try await desk.database.scan(within: 20, for: .server) { db in
                        try await db.first(
                            """
                            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000000)
                            SELECT count(*) FROM n
                            """
                        ) { $0.int() }
                    }
                }
            }
            #expect(try await desk.numbers("printer").count == 1)
        }
    }
}

extension Work {
    fileprivate func giveForTest(_ id: Ticket.ID, to person: Person.ID) async throws {
        try await db.run("UPDATE tickets SET requester_id = \(person) WHERE id = \(id)")
    }
}
