import Codec
import Domain
import Helpdesk
import Storage
import TestEngines
import Testing

@Suite("Changing many tickets") struct BulkTests {
    @Test("each is changed as it would be alone, with an event of its own, and loads are kept", arguments: TestEngine.all)
    func changed(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            var tickets: [Ticket] = []
            for _ in 0..<3 { tickets.append(try await desk.ticket()) }
            try await desk.assign(tickets[0], to: .text("berta"), by: desk.admin)
            try await desk.move(tickets[2], to: .closed, by: desk.agent)
            var edit = TicketEdit()
            (edit.assignee, edit.priority, edit.addedTags) = (.to(.text("bob")), .high, ["fire"])
            let items = try await desk.bulk(.edit(edit), tickets.map { .id($0.id) }, by: desk.agent)
            #expect(items.map(\.outcome.word) == ["changed", "changed", "changed"])
            for ticket in tickets {
                let now = try await desk.find(ticket)
                #expect((now.assignee?.name, now.priority, now.tags) == ("Bob Example", .high, ["fire"]))
                #expect(try await desk.told(of: ticket).last == "ticket.assigned")
            }
            for caller in [desk.agent, desk.otherAgent] {
                let load = try await desk.load(of: caller)
                #expect(load.kept == load.counted)
            }
            #expect(try await desk.load(of: desk.agent).kept == 2)
            let again = try await desk.bulk(.edit(edit), tickets.map { .number($0.number) }, by: desk.agent)
            #expect(again.map(\.outcome.word) == ["unchanged", "unchanged", "unchanged"])
        }
    }

    @Test("what is refused for one changes nothing of the others", arguments: TestEngine.all)
    func refused(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let (open, closed, binned) = (try await desk.ticket(), try await desk.ticket(), try await desk.ticket())
            try await desk.move(closed, to: .closed, by: desk.agent)
            try await desk.write { work in try await work.discard(.id(binned.id), as: desk.admin) }
            var edit = TicketEdit()
            edit.status = .pending
            let names: [TicketName] = [.id(open.id), .number(closed.number), .id(binned.id), .number(4711), .number(open.number)]
            let items = try await desk.bulk(.edit(edit), names, by: desk.agent)
            // The last is the first again.
            #expect(items.map(\.outcome.word) == ["changed", "conflict", "not found", "not found"])
            #expect(items.map { $0.ticket?.number } == [open.number, closed.number, nil, nil])
            #expect(try await desk.find(open).status == .pending)
            #expect(try await desk.find(closed).status == .closed)
        }
    }

    @Test("all or none leaves all as they were", arguments: TestEngine.all)
    func undone(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let (open, closed) = (try await desk.ticket(), try await desk.ticket())
            try await desk.move(closed, to: .closed, by: desk.agent)
            var edit = TicketEdit()
            (edit.status, edit.assignee) = (.pending, .to(.text("bob")))
            let act = BulkAct.edit(edit)
            let targets = try await desk.read { look in try await look.bulkTargets([.id(open.id), .id(closed.id)]) }
            await #expect(throws: BulkUndone.self) { try await desk.write { work in try await work.bulkAll(act, targets, as: desk.agent) } }
            #expect(try await desk.find(open).status == .open)
            #expect(try await desk.told(of: open) == ["ticket.created"])
            #expect(try await desk.load(of: desk.agent).kept == 0)
        }
    }

    @Test("what is foreseen is what becomes of them, and changes nothing", arguments: TestEngine.all)
    func foreseen(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let (one, two) = (try await desk.ticket(), try await desk.ticket())
            try await desk.change(two, by: desk.agent) { $0.tags = .to((0..<20).map { "tag\($0)" }) }
            var edit = TicketEdit()
            (edit.addedTags, edit.removedTags) = (["new"], ["old"])
            let act = BulkAct.edit(edit)
            let targets = try await desk.read { look in try await look.bulkTargets([.id(one.id), .id(two.id)]) }
            let foreseen = try await desk.read { look in try await look.foresee(act, targets, as: desk.agent) }
            #expect(foreseen.map(\.outcome.word) == ["changed", "invalid"])
            #expect(try await desk.find(one) == one)
            let items = try await desk.bulk(act, [.id(one.id), .id(two.id)], by: desk.agent)
            #expect(items.map(\.outcome.word) == foreseen.map(\.outcome.word))
        }
    }

    @Test("an agent kept to their own work changes no other's, and gives only to themselves", arguments: TestEngine.all)
    func scoped(on engine: TestEngine) async throws {
        var rules = Rules()
        rules.agentScope = .assigned
        try await withDesk(on: engine, rules) { desk in
            let (free, bertas) = (try await desk.ticket(), try await desk.ticket())
            try await desk.assign(bertas, to: .text("berta"), by: desk.admin)
            var edit = TicketEdit()
            edit.assignee = .to(.text("bob"))
            let mine = try await desk.bulk(.edit(edit), [.id(free.id), .id(bertas.id)], by: desk.agent)
            #expect(mine.map(\.outcome.word) == ["changed", "not found"])
            edit.assignee = .to(.text("berta"))
            let hers = try await desk.bulk(.edit(edit), [.id(free.id)], by: desk.agent)
            #expect(hers.map(\.outcome.word) == ["forbidden"])
        }
    }

    @Test("admins alone put many in the bin and take them out", arguments: TestEngine.all)
    func binned(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let (one, two) = (try await desk.ticket(), try await desk.ticket())
            let names: [TicketName] = [.id(one.id), .id(two.id)]
            await #expect(throws: DeskError.forbidden("Only admins delete tickets")) {
                try await desk.read { look in try await look.check(.discard, as: desk.agent) }
            }
            #expect(try await desk.bulk(.discard, names, by: desk.admin).map(\.outcome.word) == ["changed", "changed"])
            #expect(try await desk.bulk(.discard, names, by: desk.admin).map(\.outcome.word) == ["unchanged", "unchanged"])
            #expect(try await desk.told(of: one).last == "ticket.deleted")
            #expect(try await desk.bulk(.restore, names, by: desk.admin).map(\.outcome.word) == ["changed", "changed"])
            #expect(try await desk.find(two).deletedAt == nil)
        }
    }

    @Test("an assignee who is none is one fault for all", arguments: TestEngine.all)
    func assignee(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            var edit = TicketEdit()
            (edit.assignee, edit.assigneeField) = (.to(.text("alice")), "set.assignee")
            let act = BulkAct.edit(edit)
            await #expect(
                throws: DeskError.invalid([
                    InvalidField("set.assignee", "not_staff", "There is no such person among the active staff")
                ])
            ) { try await desk.read { look in try await look.check(act, as: desk.agent) } }
        }
    }

    @Test("a filter means what its list has, and no more than a thousand", arguments: TestEngine.all)
    func filtered(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            for number in 0..<Bulk.most + 1 { _ = try await desk.ticket("Printer \(number) on fire") }
            var filter = TicketFilter()
            filter.statuses = [.pending]
            let none = filter
            #expect(try await desk.read { look in try await look.bulkTargets(none, as: desk.agent) }.isEmpty)
            filter.statuses = [.open]
            let all = filter
            await #expect(
                throws: DeskError.invalid([
                    InvalidField("filter", "too_many", "These are 1001 tickets, and 1000 are the most that are changed at once")
                ])
            ) { try await desk.read { look in try await look.bulkTargets(all, as: desk.agent) } }
            try await desk.move(try await desk.find(number: 1), to: .pending, by: desk.agent)
            #expect(try await desk.read { look in try await look.bulkTargets(all, as: desk.agent) }.count == Bulk.most)
            #expect(try await desk.read { look in try await look.bulkTargets(none, as: desk.agent) }.count == 1)
        }
    }

    @Test("two who change the same tickets from both ends both come to an end", arguments: TestEngine.all)
    func opposite(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            var names: [TicketName] = []
            for _ in 0..<40 { names.append(.id(try await desk.ticket().id)) }
            let forth = names
            let back = Array(names.reversed())
            try await withThrowingTaskGroup(of: Void.self) { group in
                for round in 0..<8 {
                    let mine = round.isMultiple(of: 2) ? forth : back
                    let assignee: PersonName = .text(["bob", "berta", "carol"][round % 3])
                    group.addTask { try await desk.give(mine, to: assignee) }
                }
                try await group.waitForAll()
            }
            for caller in [desk.agent, desk.otherAgent, desk.admin] {
                let load = try await desk.load(of: caller)
                #expect(load.kept == load.counted)
            }
        }
    }
}

extension BulkItem.Outcome {
    fileprivate var word: String {
        switch self {
        case .changed: "changed"
        case .unchanged: "unchanged"
        case .refused(.conflict): "conflict"
        case .refused(.notFound): "not found"
        case .refused(.forbidden): "forbidden"
        case .refused(.invalid): "invalid"
        case .refused(let other): "\(other)"
        }
    }
}

extension TestDesk {
    fileprivate func bulk(_ act: BulkAct, _ names: [TicketName], by caller: Caller) async throws -> [BulkItem] {
        let targets = try await read { look in try await look.bulkTargets(names) }
        return try await write { work in try await work.bulk(act, targets, as: caller) }
    }

    fileprivate func give(_ names: [TicketName], to assignee: PersonName) async throws {
        var edit = TicketEdit()
        edit.assignee = .to(assignee)
        let items = try await bulk(.edit(edit), names, by: admin)
        #expect(items.allSatisfy { !$0.outcome.isRefused })
    }

    fileprivate func find(number: Int) async throws -> Ticket {
        try await read { look in try await look.ticket(.number(number), as: admin) }
    }
}
