import Domain
import Loop
import TestEngines
import Testing

@testable import Helpdesk

/// Writers change the same few tickets while readers come and go; some of what is written is undone after its numbers were drawn.
@Suite("A crowd of followers") struct FollowerCrowdTests {
    @Test("with many writers each reader gets what is theirs, in order, none twice", arguments: TestEngine.all)
    func crowd(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let live = try await LiveDesk(desk)
            var tickets: [Ticket] = []
            for number in 0..<4 { tickets.append(try await desk.ticket(by: number % 2 == 0 ? desk.customer : desk.otherCustomer)) }
            let made = tickets
            try await live.settle()
            let start = try await desk.lastSeq()
            let isOver = Locked(false)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await live.turn(until: isOver) }
                for number in 0..<12 {
                    group.addTask { try await live.readOnAndOff(number, made, from: start, until: isOver) }
                }
                group.addTask {
                    try await atOnce(8) { writer in try await desk.writeOnAndOn(writer, made) }
                    isOver.withLock { $0 = true }
                }
                try await group.waitForAll()
            }
            #expect(live.hub.count == 0)
        }
    }
}

extension TestDesk {
    fileprivate func writeOnAndOn(_ writer: Int, _ tickets: [Ticket]) async throws {
        for round in 0..<30 {
            let (ticket, agent) = (tickets[(writer + round) % tickets.count], agent)
            do {
                try await write { work in
                    var draft = CommentDraft()
                    draft.content = "\(writer)/\(round)"
                    draft.type = round % 3 == 0 ? .private : .public
                    _ = try await work.comment(draft, on: .id(ticket.id), as: agent)
                    if round % 10 == 9 { throw DeskError.busy("undone") }
                }
            } catch DeskError.busy("undone") {
                continue
            }
        }
    }
}

extension LiveDesk {
    fileprivate func turn(until isOver: Locked<Bool>) async throws {
        while !isOver.withLock({ $0 }) {
            while try await hub.step() {}
            try await Task.sleep(for: .milliseconds(1))
        }
        try await settle()
    }

    /// Reads with breaks, each time on from where it was, and compares in the end with what the log tells.
    fileprivate func readOnAndOff(_ number: Int, _ tickets: [Ticket], from start: Int, until isOver: Locked<Bool>) async throws {
        let caller = [desk.admin, desk.agent, desk.customer, desk.otherCustomer][number % 4]
        let interest: Set<Interest> =
            number < 4 ? [.everything] : number < 8 ? [.tickets(of: caller.id)] : Set(tickets.map { .ticket($0.id) })
        let visitor = try await visitor(caller)
        var given: [Int] = []
        for round in 0..<20_000 {
            let wasOver = isOver.withLock { $0 }
            let reader = try Reader(hub, visitor, for: interest, after: given.last ?? start)
            for _ in 0...(number + round) % 5 {
                try await reader.look()
                try await Task.sleep(for: .milliseconds(1))
            }
            reader.follower.leave()
            // What had come when it left is not theirs to lose.
            given += reader.seqs
            if wasOver, try await hub.position >= desk.lastSeq() { break }
        }
        let last = try Reader(hub, visitor, for: interest, after: given.last ?? start)
        try await last.look()
        last.follower.leave()
        given += last.seqs
        let expected = try await seqs(for: caller, interest, after: start)
        #expect(given == expected, "reader \(number) lost \(Set(expected).subtracting(given).sorted())")
    }

    private func seqs(for caller: Caller, _ interests: Set<Interest>, after start: Int) async throws -> [Int] {
        var question = EventQuestion()
        question.after = start
        var seqs: [Int] = []
        while true {
            let ready = question
            let slice = try await desk.desk.events(ready, SliceRequest(), as: desk.admin)
            seqs += slice.items.filter { event in caller.maySee(event) && event.interests.contains { interests.contains($0) } }.map(\.seq)
            guard let next = slice.next?.key else { return seqs }
            question.after = next
        }
    }
}
