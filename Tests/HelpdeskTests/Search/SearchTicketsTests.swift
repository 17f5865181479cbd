import Codec
import Domain
import Helpdesk
import Loop
import Storage
import TestEngines
import Testing

@Suite("Searching tickets") struct SearchTicketsTests {
    @Test("a ticket is found by its title, description, tags, requester, number and comments", arguments: TestEngine.all)
    func everywhere(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket(titled: "Printer on fire", "Smoke in the hallway", tags: ["hardware"])
            try await desk.ticket(titled: "Something else", by: desk.otherCustomer)
            try await desk.comment("The extinguisher is empty", on: ticket, by: desk.agent)
            for words in [
                "printer", "hallway", "hardware", "alice", "\(ticket.number) printer", "extinguisher", "PRINTER fire", "extinguishers",
            ] {
                #expect(try await desk.numbers(words) == [ticket.number], "\(words)")
            }
            #expect(try await desk.numbers("helicopter").isEmpty)
        }
    }

    @Test("title comes before tags before description before comments", arguments: TestEngine.all)
    func ranking(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let inTitle = try await desk.ticket(titled: "Zeppelin")
            let inTags = try await desk.ticket(titled: "One", tags: ["zeppelin"])
            let inDescription = try await desk.ticket(titled: "Two", "A zeppelin")
            let inComment = try await desk.ticket(titled: "Three")
            try await desk.comment("Which zeppelin?", on: inComment, by: desk.agent)
            #expect(try await desk.numbers("zeppelin") == [inTitle, inTags, inDescription, inComment].map(\.number))
            let twice = try await desk.ticket(titled: "Four", "A zeppelin, another zeppelin, and a third zeppelin")
            #expect(try await desk.numbers("zeppelin") == [inTitle, inTags, twice, inDescription, inComment].map(\.number))
        }
    }

    @Test("the last word may go on, and whole words come first", arguments: TestEngine.all)
    func beginnings(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let whole = try await desk.ticket(titled: "My auth is gone")
            let longer = try await desk.ticket(titled: "My authentication is gone")
            #expect(try await desk.numbers("my auth") == [whole.number, longer.number])
            #expect(try await desk.numbers("auth gone") == [whole.number])
            #expect(try await desk.numbers("authen") == [longer.number])
            #expect(try await desk.numbers("auth ") == [whole.number])
        }
    }

    @Test("phrases, words that must not be there, and common words", arguments: TestEngine.all)
    func phrases(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let red = try await desk.ticket(titled: "The red car broke down")
            let blue = try await desk.ticket(titled: "A car, red seats, broke")
            #expect(try await desk.numbers("\"red car\"") == [red.number])
            #expect(try await desk.numbers("car -seats") == [red.number])
            #expect(try await desk.numbers("car -\"red car\"") == [blue.number])
            #expect(try await desk.numbers("how is the red car") == [blue.number, red.number])
            #expect(try await desk.numbers("car seats -down") == [blue.number])
            #expect(try await desk.numbers("the and of").isEmpty)
        }
    }

    @Test("accents, other alphabets and writing without blanks", arguments: TestEngine.all)
    func alphabets(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let cafe = try await desk.ticket(titled: "Café closed", "Über alles")
            let russian = try await desk.ticket(titled: "Принтер горит")
            let chinese = try await desk.ticket(titled: "打印机着火了")
            #expect(try await desk.numbers("cafe") == [cafe.number])
            #expect(try await desk.numbers("café") == [cafe.number])
            #expect(try await desk.numbers("cafe\u{301} uber") == [cafe.number])
            #expect(try await desk.numbers("принтер") == [russian.number])
            #expect(try await desk.numbers("打印") == [chinese.number])
        }
    }

    @Test("what an engine would take for an operator is a word", arguments: TestEngine.all)
    func hostile(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket(titled: "Near or not and star")
            for text in [
                "NEAR", "OR", "star AND", "(star", "star)", "star*", "*", "\"", "\"\"", "'", "star'", "\\", "star\\", "{title}", "^star",
                "+star",
                "star:*", "a|b", "!star", "<->", "star & near", "near(star)", "\u{0}".isEmpty ? "" : "--", "';DROP TABLE tickets", "%",
                "\u{202E}star",
                "😀", "scope : \"x\"", "r\(desk.customer.id.text.filter { $0 != "-" })0", "\"r \(desk.customer.id.text)\"", "\"e 0\"",
                "\"p 0\"",
            ] {
                do {
                    let found = try await desk.numbers(text)
                    #expect(found.allSatisfy { $0 == ticket.number }, "\(text)")
                    if text.contains("r \(desk.customer.id.text)") || text.hasPrefix("r0") || text.contains("e 0") {
                        #expect(found.isEmpty)
                    }
                } catch let error as DeskError {
                    guard case .invalid = error else { throw error }
                }
            }
            #expect(try await desk.numbers("(star)") == [ticket.number])
        }
    }

    @Test("what was edited or deleted is found no more", arguments: TestEngine.all)
    func edited(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket(titled: "Oldtitle", "Olddescription", tags: ["oldtag"])
            let comment = try await desk.comment("Oldcomment", on: ticket, by: desk.agent)
            let other = try await desk.comment("Deletedcomment", on: ticket, by: desk.agent)
            try await desk.change(ticket, by: desk.agent) { edit in
                (edit.title, edit.description, edit.tags) = ("Newtitle", "Newdescription", .to(["newtag"]))
            }
            _ = try await desk.write { work in
                let edited = try await work.edit(comment.id, on: .id(ticket.id), content: "Newcomment", expecting: nil, as: desk.agent)
                try await work.delete(other.id, on: .id(ticket.id), expecting: nil, as: desk.agent)
                return edited
            }
            for old in ["oldtitle", "olddescription", "oldtag", "oldcomment", "deletedcomment"] {
                #expect(try await desk.numbers(old).isEmpty, "\(old)")
            }
            for new in ["newtitle", "newdescription", "newtag", "newcomment"] {
                #expect(try await desk.numbers(new) == [ticket.number], "\(new)")
            }
        }
    }

    @Test("what one transaction writes and changes again is found as it is in the end", arguments: TestEngine.all)
    func sameTransaction(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket(titled: "Printer")
            var first = CommentDraft()
            first.content = "Firstwording"
            let draft = first
            try await desk.write { work in
                let comment = try await work.comment(draft, on: .id(ticket.id), as: desk.agent)
                _ = try await work.edit(comment.id, on: .id(ticket.id), content: "Secondwording", expecting: nil, as: desk.agent)
            }
            #expect(try await desk.numbers("firstwording").isEmpty)
            #expect(try await desk.numbers("secondwording") == [ticket.number])
        }
    }

    @Test("many at once are all found, and what failed is not", arguments: TestEngine.all)
    func atOnceAll(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket(titled: "Printer")
            try await atOnce(20) { number in
                try? await desk.write { work in
                    var draft = CommentDraft()
                    draft.content = "common remark\(number)"
                    let ready = draft
                    _ = try await work.comment(ready, on: .id(ticket.id), as: desk.agent)
                    if number % 2 == 1 { throw DeskError.busy("no") }
                }
            }
            for number in 0..<20 {
                #expect(try await desk.numbers("remark\(number) ").count == (number % 2 == 0 ? 1 : 0), "\(number)")
            }
        }
    }

    @Test("the bin hides a ticket, and when it is emptied nothing is left", arguments: TestEngine.all)
    func bin(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket(titled: "Printer", "Smoke")
            try await desk.comment("Extinguisher", on: ticket, by: desk.agent)
            try await desk.write { work in try await work.discard(.id(ticket.id), as: desk.admin) }
            for words in ["printer", "extinguisher"] {
                for caller in [desk.customer, desk.agent, desk.admin] { #expect(try await desk.numbers(words, as: caller).isEmpty) }
            }
            _ = try await desk.write { work in try await work.restore(.id(ticket.id), as: desk.admin) }
            #expect(try await desk.numbers("extinguisher") == [ticket.number])
            try await desk.write { work in try await work.discard(.id(ticket.id), as: desk.admin) }
            desk.clock.advance(days: 31)
            #expect(try await desk.desk.emptyBin() == 1)
            try await desk.indexIsSound()
            #expect(try await desk.numbers("printer").isEmpty)
        }
    }

    @Test("pages hold every find once, the best first, while others are written", arguments: TestEngine.all)
    func pages(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            var expected: Set<Int> = []
            for number in 0..<260 {
                let ticket = try await desk.ticket(titled: number % 5 == 0 ? "Balloon \(number)" : "Thing \(number)")
                if number % 5 != 0 { try await desk.comment("A balloon, number \(number)", on: ticket, by: desk.agent) }
                if number % 3 == 0 { try await desk.comment("Another balloon", on: ticket, by: desk.agent) }
                expected.insert(ticket.number)
            }
            var slice = SliceRequest()
            slice.limit = 30
            slice.isCounted = true
            var numbers: [Int] = []
            repeat {
                let page = try await desk.finds("balloon", slice)
                #expect(page.total == 260)
                numbers += page.items.map(\.ticket.number)
                slice.after = page.next
                if numbers.count < 60 { _ = try await desk.ticket(titled: "Thing and no more") }
            } while slice.after != nil && numbers.count < 400
            #expect(numbers.count == 260 && Set(numbers) == expected)
            slice.after = nil
            (slice.offset, slice.limit) = (10, 20)
            #expect(try await desk.finds("balloon", slice).items.map(\.ticket.number) == Array(numbers[10..<30]))
        }
    }

    @Test("pages hold every find once where a search goes from part to part of the table")
    func parts() async throws {
        guard let engine = TestEngine.all.first(where: { $0.engine == .postgres }) else { return }
        try await withDesk(on: engine) { desk in
            try await desk.fillForPlans()
            // Found by their titles and by their descriptions in turn, and none in the newest part.
            let expected = 300
            try await desk.database.write { db in
                try await db.script(
                    """
                    UPDATE ticket_search
                    SET vector = vector || CAST(CASE number % 200 WHEN 7 THEN 'rare:1A' ELSE 'rare:1C' END AS tsvector)
                    WHERE number % 100 = 7 AND number < 30000
                    """)
            }
            var slice = SliceRequest()
            // More than are found by their titles in the first sheaf.
            slice.limit = 100
            var numbers: [Int] = []
            repeat {
                let page = try await desk.finds("rare", slice)
                numbers += page.items.map(\.ticket.number)
                slice.after = page.next
            } while slice.after != nil && numbers.count < 400
            #expect(numbers.count == expected && Set(numbers).count == expected)
        }
    }

    @Test("what somebody asked is found by what they are called now, with other words too", arguments: TestEngine.all)
    func names(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let printer = try await desk.ticket(titled: "Printers")
            let scanner = try await desk.ticket(titled: "Scanners")
            try await desk.comment("The toner leaks", on: scanner, by: desk.agent)
            _ = try await desk.write { work in
                var change = UserChange()
                change.firstName = .to("Rémy")
                change.lastName = .to("Zwicky")
                return try await work.change(change, of: desk.customer.id, expecting: nil, as: desk.admin)
            }
            for (text, found) in [
                ("rémy", [scanner, printer]), ("remy", [scanner, printer]), ("zwicky printers", [printer]), ("zwi", [scanner, printer]),
                ("zwicky toner", [scanner]), ("zwicky -printers", [scanner]), ("alice", []), ("\"remy zwicky\"", []),
            ] as [(String, [Ticket])] {
                #expect(try await Set(desk.finds(text).items.map(\.ticket.number)) == Set(found.map(\.number)), "\(text)")
            }
            // No row of the index has changed with the name.
            let words = try await desk.database.read { db in
                db.engine == .sqlite ? try await db.first("SELECT count(*) FROM tickets_reworded") { $0.int() } : 0
            }
            #expect(words == 0)
        }
    }

    @Test("what is there before the index is, is found", arguments: TestEngine.all)
    func earlier(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket(titled: "Running printers")
            try await desk.comment("They were hopping", on: ticket, by: desk.agent)
            #expect(try await desk.numbers("hops ") == [ticket.number])
            #expect(try await SearchLanguage.english.take(on: desk.database) == false)
            #expect(try await desk.numbers("printer ") == [ticket.number])
            #expect(try await SearchLanguage.simple.take(on: desk.database))
            #expect(try await desk.numbers("printer ").isEmpty)
            #expect(try await desk.numbers("printers ") == [ticket.number])
            #expect(try await desk.numbers("hops ").isEmpty)
            let next = try await desk.ticket(titled: "Jumping printers")
            #expect(try await desk.numbers("jumping") == [next.number])
            #expect(try await SearchLanguage.english.take(on: desk.database))
            #expect(try await desk.numbers("jump printer") == [next.number])
            #expect(try await desk.numbers("hops ") == [ticket.number])
            #expect(try await SearchLanguage.german.take(on: desk.database))
            #expect(try await desk.numbers("jumping") == [next.number])
            try await desk.indexIsSound()
        }
    }

    @Test("what is there before its schema is, is found after the migration", arguments: TestEngine.all)
    func beforeTheSchema(on engine: TestEngine) async throws {
        try await withDatabase(on: engine) { database in
            let earlier = Array(Migrations.all.prefix { $0.name != "m005_search" })
            _ = try await Migrator(earlier, on: database).run { 0 }
            try await database.write { db in try await db.script(Self.rows(db.engine)) }
            _ = try await Migrator(Migrations.all, on: database).run { 0 }
            let blocking = BlockingPool(threads: 1, bound: 8)
            defer { blocking.stop() }
            let desk = try Desk(database, Rules(), .test(TestClock(), blocking), secret: Array("a secret for tests only".utf8))
            let caller = Caller(id: Person.ID(1), label: "early", name: "Early Bird", email: "e@x", role: .customer)
            for (text, number) in [("printer", 1), ("balloon", 1), ("early", 0), ("hidden", 0)] {
                let query = try SearchQuery(text, at: "query")
                let found = try await desk.search(for: .server) { look in try await look.tickets(query, SliceRequest(), as: caller) }
                #expect(found.items.count == number, "\(text)")
            }
            let query = try SearchQuery("manual", at: "query")
            let articles = try await desk.search(for: .server) { look in
                try await look.articles(query, at: "query", ArticleSearchFilter(), SliceRequest(), as: nil)
            }
            #expect(articles.items.map(\.article.slug) == ["manual"])
        }
    }

    private static func rows(_ engine: Engine) -> String {
        let ids = (1...4).map { number in
            engine == .sqlite ? "x'\(String(repeating: "0", count: 31))\(number)'" : "'00000000-0000-0000-0000-00000000000\(number)'"
        }
        return """
            INSERT INTO people (id, origin, email, email_key, username, username_key, first_name, last_name, name, role, support_role,
                is_active, is_available, is_verified, totp_confirmed, totp_last_step, open_tickets, created_at, updated_at, revision)
            VALUES (\(ids[0]), 'account', 'e@x', 'e@x', NULL, NULL, 'Early', 'Bird', 'Early Bird', 'customer', 'general',
                true, true, true, false, 0, 0, 1, 1, 1);
            INSERT INTO tickets (id, title, description, status, priority, category, type, tags, requester_id, assignee_id, support_role,
                channel, embed_token, created_at, revision, comment_count, updated_at, shown_revision, shown_comment_count, shown_updated_at)
            VALUES (\(ids[1]), 'Printers', 'burn', 'open', 1, NULL, NULL, '[]', \(ids[0]), NULL, 'general', 'api', \(ids[1]),
                1, 1, 2, 1, 1, 1, 1);
            INSERT INTO comments (id, ticket_id, author_id, content, is_private, created_at, updated_at, deleted_at, revision, links)
            VALUES (\(ids[2]), \(ids[1]), \(ids[0]), 'Balloons', false, 1, 1, NULL, 1, '[]'),
                (\(ids[3]), \(ids[1]), \(ids[0]), 'Hidden', true, 1, 1, NULL, 1, '[]');
            INSERT INTO articles (id, slug, title, title_key, content, category, category_slug, tags, is_published, author_id, view_count,
                helpful, unhelpful, created_at, updated_at, revision)
            VALUES (\(ids[0]), 'manual', 'Manual', 'manual', 'Read it', NULL, 'other', '[]', true, \(ids[0]), 0, 0, 0, 1, 1, 1);
            """
    }

    @Test("a snippet marks what was found and lets nothing else through", arguments: TestEngine.all)
    func snippets(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.ticket(titled: "Alarm", "Then <script>alert(1)</script> & a \u{2}flood\u{3} came \u{2}")
            let snippet = try #require(try await desk.finds("flood").items.first?.snippet?.html)
            #expect(snippet.contains("<mark>flood</mark>") && !snippet.contains("<script") && snippet.contains("&amp;"), "\(snippet)")
            let inTitle = try #require(try await desk.finds("alarm").items.first?.snippet?.html)
            #expect(inTitle == "<mark>Alarm</mark>")
            let byName = try #require(try await desk.finds("alice").items.first?.snippet?.html)
            #expect(byName.hasPrefix("Then &lt;script&gt;"))
            try await desk.ticket(titled: "Visite", "Rendez-vous au Café  Über-Ich <b> at a@example.com")
            for (text, marked) in [("cafe", "Café"), ("über", "Über"), ("example", "example"), ("vous", "vous")] {
                let html = try #require(try await desk.finds(text).items.first?.snippet?.html)
                #expect(
                    html.contains("<mark>\(marked)</mark>")
                        && html.replacing("<mark>", with: "").replacing("</mark>", with: "").contains(
                            "Rendez-vous au Café  Über-Ich &lt;b&gt;"),
                    "\(html)")
            }
        }
    }
}

extension TestDesk {
    /// SQLite's index agrees with what it was made of; a wrong deletion would leave it otherwise.
    func indexIsSound() async throws {
        guard database.engine == .sqlite else { return }
        try await database.write { db in
            try await db.run("INSERT INTO ticket_search (ticket_search, rank) VALUES ('integrity-check', 1)")
            try await db.run("INSERT INTO comment_search (comment_search, rank) VALUES ('integrity-check', 1)")
            try await db.run("INSERT INTO article_search (article_search, rank) VALUES ('integrity-check', 1)")
        }
    }

    fileprivate func finds(_ text: String, _ slice: SliceRequest) async throws -> Slice<FoundTicket> {
        try await finds(text, as: nil, slice)
    }
}
