import Domain
import Helpdesk
import TestEngines
import Testing

@Suite("What a search asks of fields") struct SearchFieldTests {
    @Test("each field word finds what it says, alone and beside words", arguments: TestEngine.all)
    func fields(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let first = try await desk.ticket(titled: "Printer one", tags: ["hot"]) { draft in
                (draft.priority, draft.category, draft.type) = (.high, "hardware", "incident")
            }
            try await desk.move(first, to: .pending, by: desk.agent)
            try await desk.assign(first, to: .id(desk.agent.id), by: desk.admin)
            desk.clock.advance(days: 10)
            let second = try await desk.ticket(titled: "Printer two", by: desk.otherCustomer) { $0.category = "other things" }
            try await desk.change(second, by: desk.agent) { $0.supportRole = .technical }
            let (one, two) = ([first.number], [second.number])
            let cases: [(String, [Int])] = [
                ("status:pending", one), ("status:OPEN", two), ("status:open,pending", two + one), ("-status:open", one),
                ("status:In-Progress", []),
                ("priority:high", one), ("priority:normal", two), ("-priority:high", two), ("tag:hot", one), ("-tag:hot", two),
                ("category:hardware", one), ("category:\"other things\"", two), ("-category:hardware", two), ("type:incident", one),
                ("-type:incident", two), ("assignee:me", one), ("assignee:none", two), ("assignee:bob", one), ("-assignee:bob", two),
                ("assignee:\"Bob Example\"", one), ("is:unassigned", two), ("is:assigned", one), ("-is:assigned", two), ("is:pending", one),
                ("requester:alice", one), ("requester:aaron@example.com", two), ("requester:alice,aaron", two + one),
                ("-requester:alice", two), ("requester:nobody", []), ("requester:\(desk.customer.id.text)", one),
                ("support_role:technical", two), ("tier:general", one), ("created:2025-10-09", one), ("created:>2025-10-09", two),
                ("created:>=2025-10-09", two + one), ("created:<2025-10-19", one), ("created:<=2025-10-19", two + one),
                ("created:2025-10-10..2025-10-30", two), ("created:<2025-10-09T08:53:20Z", []), ("updated:>2025-10-15", two),
                ("updated:<2025-10-15", one), ("status:open status:pending", two + one), ("status:open assignee:me", []),
            ]
            for (text, expected) in cases {
                #expect(try await desk.numbers(text) == expected, "\(text)")
                #expect(try await desk.numbers("printer \(text)") == expected, "printer \(text)")
            }
        }
    }

    @Test("an unknown field or value is a fault that says where")
    func faults() {
        for (text, place) in [
            ("printer colour:red", "character 9"), ("status:burning", "character 1"), ("created:yesterday", "character 1"),
            ("-created:2025-01-01", "character 1"),
            ("is:new", "character 1"), ("status:open,", "character 1"), ("a b priority:none", "character 5"),
        ] {
            let fields = Self.faults(of: text)
            #expect(fields.count == 1 && fields[0].location == "q" && fields[0].message.contains(place), "\(fields)")
        }
        #expect(Self.faults(of: "-printer").map(\.kind) == ["search_only_unwanted"])
        #expect(Self.faults(of: Array(repeating: "word", count: 33).joined(separator: " ")).map(\.kind) == ["too_long"])
        for fine in ["12:30", "https://example.com/a", "error: disk", "\"colour:red\"", "a:: b", ":", "::"] {
            #expect(Self.faults(of: fine).isEmpty, "\(fine)")
        }
    }

    private static func faults(of text: String) -> [InvalidField] {
        guard case .invalid(let fields)? = (Result { try SearchQuery(text, at: "q") }.fault as? DeskError) else { return [] }
        return fields
    }

    @Test("a search with words keeps to the list that it narrows", arguments: TestEngine.all)
    func narrowed(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let first = try await desk.ticket(titled: "Printer", tags: ["a", "b"])
            try await desk.ticket(titled: "Printer", tags: ["a"])
            var list = TicketFilter()
            list.tags = ["b"]
            let filter = list
            for text in ["printer tag:a", "tag:a"] {
                let query = try SearchQuery(text, at: "q")
                let found = try await desk.desk.search(for: .server) { look in
                    try await look.tickets(query, narrowedBy: filter, SliceRequest(), as: desk.agent)
                }
                #expect(found.items.map(\.ticket.number) == [first.number], "\(text)")
            }
            list.tags = []
            list.statuses = [.closed]
            let other = list
            let query = try SearchQuery("printer status:open", at: "q")
            let none = try await desk.desk.search(for: .server) { look in
                try await look.tickets(query, narrowedBy: other, SliceRequest(), as: desk.agent)
            }
            #expect(none.items.isEmpty)
        }
    }
}

extension Result {
    fileprivate var fault: Failure? { if case .failure(let fault) = self { fault } else { nil } }
}
