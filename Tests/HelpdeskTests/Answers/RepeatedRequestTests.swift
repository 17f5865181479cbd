import Codec
import Domain
import Helpdesk
import Storage
import TestEngines
import Testing

@Suite("A request that is sent again") struct RepeatedRequestTests {
    private static let otherRole = DeskError.conflict(
        "This was done before, when you had another role or key, and its answer is not given again")

    @Test("gets the first answer, and is done once", arguments: TestEngine.all)
    func repeated(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk async throws in
            #expect(try await desk.once("k", as: desk.agent) == nil)
            #expect(try await desk.once("k", as: desk.agent) == "seen by an agent")
            #expect(try await desk.count("SELECT count(*) FROM tickets") == 1)
        }
    }

    @Test("gets no answer that was made for another role or another key, and is not done again", arguments: TestEngine.all)
    func otherRole(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            _ = try await desk.once("k", as: desk.agent)
            let demoted = Caller(id: desk.agent.id, label: "", name: "Bob", email: nil, role: .customer)
            let key = Caller(id: desk.agent.id, label: "", name: "Bob", email: nil, role: .agent, scopes: [.write])
            let confined = Caller(id: desk.agent.id, label: "", name: "Bob", email: nil, role: .agent, seesAssignedOnly: true)
            for caller in [demoted, key, confined] {
                await #expect(throws: Self.otherRole) { try await desk.once("k", as: caller) }
            }
            #expect(try await desk.count("SELECT count(*) FROM tickets") == 1)
            #expect(try await desk.once("k", as: desk.agent) == "seen by an agent")
        }
    }
}

extension TestDesk {
    /// Opens a ticket once; gives what was answered before.
    fileprivate func once(_ key: String, as caller: Caller) async throws -> String? {
        let request = Array("{}".utf8).withUnsafeBytes {
            RepeatableRequest(caller: caller, method: "POST", path: "/tickets", key: key, body: $0)
        }
        var draft = TicketDraft()
        (draft.title, draft.description) = ("Printer on fire", "It burns.")
        let (ready, answer) = (draft, "seen by an \(caller.role.rawValue)")
        let outcome = try await desk.write(once: request) { _ in
            KeptAnswer(status: 201, fields: [], body: Array(answer.utf8))
        } _: { work in
            try await work.open(ready, as: caller)
        }
        guard case .repeated(let kept) = outcome else { return nil }
        return String(decoding: kept.body, as: UTF8.self)
    }
}
