import Codec
import Domain
import Helpdesk
import Storage
import TestEngines
import Testing

@Suite("Who is told what") struct NotificationTests {
    @Test("assignee and requester are told of what others do, and nobody of what they did themselves", arguments: TestEngine.all)
    func told(on engine: TestEngine) async throws {
        try await withTellingDesk(on: engine) { telling in
            let desk = telling.desk
            let ticket = try await desk.ticket()
            try await desk.assign(ticket, to: .text("bob"), by: desk.admin)
            try await telling.tell()
            #expect(try await telling.told(desk.agent) == [.assigned])
            #expect(try await telling.told(desk.customer) == [.statusChanged])
            let comment = try await desk.comment(on: ticket, by: desk.customer)
            try await telling.tell()
            let first = try await telling.list(desk.agent).items[0]
            #expect((first.reason, first.comment, first.actor?.name) == (.replied, comment.id, "Alice Example"))
            #expect((first.ticket.number, first.ticket.title) == (ticket.number, "Printer on fire"))
            try await desk.move(ticket, to: .pending, by: desk.agent)
            try await telling.tell()
            #expect(try await telling.told(desk.agent) == [.replied, .assigned])
            #expect(try await telling.told(desk.customer) == [.statusChanged, .statusChanged])
            for caller in [desk.admin, desk.otherCustomer] { #expect(try await telling.told(caller).isEmpty) }
        }
    }

    @Test("a reply is told once, also when it moves the ticket", arguments: TestEngine.all)
    func once(on engine: TestEngine) async throws {
        try await withTellingDesk(on: engine) { telling in
            let desk = telling.desk
            let ticket = try await desk.ticket()
            try await telling.tell()
            try await desk.comment(on: ticket, by: desk.agent)
            #expect(try await desk.told(of: ticket).last == "ticket.status_changed")
            try await telling.tell()
            #expect(try await telling.told(desk.customer) == [.replied])
        }
    }

    @Test("followers are told, in private too, and the requester of what is public alone", arguments: TestEngine.all)
    func followers(on engine: TestEngine) async throws {
        try await withTellingDesk(on: engine) { telling in
            let desk = telling.desk
            let ticket = try await desk.ticket()
            try await telling.follow(ticket, desk.otherAgent)
            try await desk.comment("Arson?", on: ticket, by: desk.agent, .private)
            try await telling.tell()
            #expect(try await telling.told(desk.otherAgent) == [.replied])
            #expect(try await telling.told(desk.customer).isEmpty)
        }
    }

    @Test("who is named is told so once, by username or by a first name of one alone", arguments: TestEngine.all)
    func mentioned(on engine: TestEngine) async throws {
        try await withTellingDesk(on: engine) { telling in
            let desk = telling.desk
            let ticket = try await desk.ticket()
            try await telling.follow(ticket, desk.otherAgent)
            try await desk.comment("@berta and @CAROL, look. @bob does.", on: ticket, by: desk.agent, .private)
            try await telling.tell()
            #expect(try await telling.told(desk.otherAgent) == [.mentioned])
            #expect(try await telling.told(desk.admin) == [.mentioned])
            #expect(try await telling.told(desk.agent).isEmpty)
            let berta = try await desk.desk.testPerson("Berta2", .agent)
            try await desk.write { work in
                var change = UserChange()
                change.firstName = .to("Carol")
                _ = try await work.change(change, of: berta.id, expecting: nil, as: desk.admin)
            }
            // The username is still one person's; the first name is not.
            try await desk.comment("@carol!", on: ticket, by: desk.agent)
            try await telling.tell()
            #expect(try await telling.told(desk.admin).count == 2)
            #expect(try await telling.told(berta).isEmpty)
        }
    }

    @Test("a customer named in private learns nothing, and customers name only who is on the ticket", arguments: TestEngine.all)
    func namedByOthers(on engine: TestEngine) async throws {
        try await withTellingDesk(on: engine) { telling in
            let desk = telling.desk
            let ticket = try await desk.ticket()
            try await desk.comment("@alice @aaron", on: ticket, by: desk.agent, .private)
            try await desk.comment("@bob @carol @aaron help", on: ticket, by: desk.customer)
            try await telling.tell()
            for caller in [desk.customer, desk.otherCustomer, desk.agent, desk.admin] { #expect(try await telling.told(caller).isEmpty) }
            try await telling.follow(ticket, desk.admin)
            try await desk.comment("@carol help", on: ticket, by: desk.customer)
            try await desk.comment("@alice, we are", on: ticket, by: desk.agent)
            try await telling.tell()
            #expect(Set(try await telling.told(desk.admin)) == [.mentioned, .replied])
            #expect(try await telling.told(desk.customer) == [.mentioned])
        }
    }

    @Test("whom an edit names anew is told, and nobody twice", arguments: TestEngine.all)
    func edited(on engine: TestEngine) async throws {
        try await withTellingDesk(on: engine) { telling in
            let desk = telling.desk
            let ticket = try await desk.ticket()
            let comment = try await desk.comment("@berta?", on: ticket, by: desk.agent, .private)
            try await telling.tell()
            _ = try await desk.write { work in
                try await work.edit(comment.id, on: .id(ticket.id), content: "@berta and @carol?", expecting: nil, as: desk.agent)
            }
            try await telling.tell()
            #expect(try await telling.told(desk.otherAgent) == [.mentioned])
            #expect(try await telling.told(desk.admin) == [.mentioned])
        }
    }

    @Test("what somebody does not want to be told, they are not", arguments: TestEngine.all)
    func preferences(on engine: TestEngine) async throws {
        try await withTellingDesk(on: engine) { telling in
            let desk = telling.desk
            let ticket = try await desk.ticket()
            #expect(try await telling.prefer(desk.customer) { $0.replied.inApp = false }.revision == 1)
            let kept = try await telling.prefer(desk.customer) { $0.replied.inApp = false }
            #expect((kept.revision, kept.preferences.replied.inApp, kept.preferences.replied.mail) == (1, false, true))
            await #expect(throws: DeskError.stale) { try await telling.prefer(desk.customer, expecting: 0) { $0.replied.mail = false } }
            try await desk.comment("We come.", on: ticket, by: desk.agent)
            try await telling.tell()
            // The move is told by itself then.
            #expect(try await telling.told(desk.customer) == [.statusChanged])
        }
    }

    @Test("two nodes tell everybody once, and what is counted is what there is", arguments: TestEngine.all)
    func nodes(on engine: TestEngine) async throws {
        try await withTellingDesk(on: engine) { telling in
            let desk = telling.desk
            let ticket = try await desk.ticket()
            try await telling.follow(ticket, desk.admin)
            for _ in 0..<150 { try await desk.comment(on: ticket, by: desk.agent) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    let other = desk.desk.notifier()
                    group.addTask { while try await other.step() {} }
                }
                try await group.waitForAll()
            }
            try await telling.tell()
            let list = try await telling.list(desk.admin)
            #expect(list.unread == 150 && list.next != nil)
            // One at a time or all at once, both at the same time.
            let items = list.items
            try await withThrowingTaskGroup(of: Void.self) { group in
                for item in items {
                    group.addTask { try await telling.markRead(item) }
                }
                group.addTask { try await telling.markAllRead() }
                try await group.waitForAll()
            }
            #expect(try await telling.list(desk.admin).unread == 0)
            #expect(try await telling.list(desk.admin, unreadOnly: true).items.isEmpty)
        }
    }

    @Test("a list goes on behind its last item", arguments: TestEngine.all)
    func pages(on engine: TestEngine) async throws {
        try await withTellingDesk(on: engine) { telling in
            let desk = telling.desk
            let ticket = try await desk.ticket()
            for _ in 0..<5 { try await desk.comment(on: ticket, by: desk.agent) }
            try await telling.tell()
            var slice = SliceRequest()
            (slice.limit, slice.isCounted) = (2, true)
            var seen: [Domain.Notification.ID] = []
            repeat {
                let page = try await telling.list(desk.customer, slice)
                #expect(page.total == 5)
                seen += page.items.map(\.id)
                slice.after = page.next
            } while slice.after != nil
            #expect(seen.count == 5 && Set(seen).count == 5)
        }
    }

    @Test("what was read goes after ninety days, what was not after a year, and is counted no longer", arguments: TestEngine.all)
    func old(on engine: TestEngine) async throws {
        try await withTellingDesk(on: engine) { telling in
            let desk = telling.desk
            let ticket = try await desk.ticket()
            for _ in 0..<3 {
                try await desk.comment(on: ticket, by: desk.agent)
                try await telling.tell()
                desk.clock.advance(days: 1)
            }
            let first = try #require(try await telling.list(desk.customer).items.last)
            desk.clock.advance(days: 50)
            _ = try await telling.read(first, as: desk.customer)
            desk.clock.advance(days: 90)
            desk.clock.advance(seconds: -1)
            #expect(try await desk.desk.forgetOldNotifications() == 0)
            desk.clock.advance(seconds: 1)
            #expect(try await desk.desk.forgetOldNotifications() == 1)
            var left = try await telling.list(desk.customer)
            #expect(left.items.count == 2 && left.unread == 2)
            // The second of the three was made a year ago now, and a millisecond; the third a day less.
            desk.clock.advance(days: 365 - 142, seconds: 1)
            #expect(try await desk.desk.forgetOldNotifications() == 1)
            left = try await telling.list(desk.customer)
            #expect(left.items.count == 1 && left.unread == 1)
            desk.clock.advance(days: 1)
            #expect(try await desk.desk.forgetOldNotifications() == 1)
            left = try await telling.list(desk.customer)
            #expect(left.items.isEmpty && left.unread == 0)
        }
    }
}

extension TellingDesk {
    fileprivate func markRead(_ notification: Domain.Notification) async throws { _ = try await read(notification, as: desk.admin) }

    fileprivate func markAllRead() async throws {
        let caller = desk.admin
        _ = try await desk.write { work in try await work.markAllRead(as: caller) }
    }
}
