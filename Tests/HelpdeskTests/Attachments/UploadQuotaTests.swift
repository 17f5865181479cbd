import Domain
import Helpdesk
import Loop
import Storage
import TestEngines
import Testing

@Suite("The quota of a customer's files") struct UploadQuotaTests {
    private static let refused = DeskError.uploadQuota(1 << 20)

    private static var rules: Rules {
        var rules = Rules()
        rules.uploadQuotaMB = 1
        return rules
    }

    private static func file(_ letter: String, kilobytes: Int = 400) -> String { String(repeating: letter, count: kilobytes << 10) }

    @Test("bounds all that they have sent, used or not, and nobody else", arguments: TestEngine.all)
    func bounds(on engine: TestEngine) async throws {
        try await withFiles(on: engine, Self.rules) { files in
            let desk = files.desk
            #expect(try await files.room(of: desk.customer) == 1 << 20)
            let first = try await files.upload(Self.file("a"))
            _ = try await files.comment([first.id], on: try await desk.ticket())
            // The same content is kept once, and counts for each who sent it, each time.
            _ = try await files.upload(Self.file("a"))
            #expect(try await files.room(of: desk.customer) == 224 << 10)
            let before = try await files.rows()
            await #expect(throws: Self.refused) { _ = try await files.upload(Self.file("a")) }
            await #expect(throws: Self.refused) { _ = try await files.upload(Self.file("b")) }
            #expect(try await files.rows() == before && files.fileCount == 1)
            _ = try await files.upload(Self.file("c", kilobytes: 224))
            await #expect(throws: Self.refused) { _ = try await files.room(of: desk.customer) }
            _ = try await files.upload(Self.file("b"), by: desk.otherCustomer)
            for letter in ["d", "e", "f"] { _ = try await files.upload(Self.file(letter), by: desk.agent) }
            #expect(try await files.room(of: desk.agent) == nil)
        }
    }

    @Test("is given back a day after a file or its comment was deleted, and at once when a ticket goes for good", arguments: TestEngine.all)
    func givenBack(on engine: TestEngine) async throws {
        try await withFiles(on: engine, Self.rules) { files in
            let desk = files.desk
            let (ticket, binned) = (try await desk.ticket(), try await desk.ticket())
            try await desk.write { work in try await work.discard(.id(binned.id), as: desk.admin) }
            desk.clock.advance(days: 29)
            let (unused, used) = (try await files.upload(Self.file("a")), try await files.upload(Self.file("b")))
            let comment = try await files.comment([used.id], on: ticket)
            try await desk.write { work in try await work.deleteUpload(unused.id, as: desk.customer) }
            try await desk.write { work in try await work.delete(comment.id, on: .id(ticket.id), expecting: nil, as: desk.customer) }
            await #expect(throws: DeskError.notFound("Attachment not found")) { try await files.content(of: used.id, as: desk.customer) }
            await #expect(throws: Self.refused) { _ = try await files.upload(Self.file("c")) }
            desk.clock.advance(days: 1, seconds: -1)
            _ = try await desk.desk.sweepFiles(of: files.store)
            #expect(try await files.room(of: desk.customer) == 224 << 10)
            desk.clock.advance(seconds: 1)
            #expect(try await desk.desk.sweepFiles(of: files.store) == 2)
            #expect(try await files.room(of: desk.customer) == 1 << 20)
            #expect(try await files.rows() == [0, 0] && files.fileCount == 0)

            let last = try await files.upload(Self.file("d"))
            _ = try await files.comment([last.id], on: ticket)
            try await desk.write { work in try await work.discard(.id(ticket.id), as: desk.admin) }
            desk.clock.advance(days: 30)
            #expect(try await desk.desk.emptyBin() >= 1)
            #expect(try await files.room(of: desk.customer) == 1 << 20)
        }
    }

    @Test("holds against files that come in at once", arguments: TestEngine.all)
    func atTheSameTime(on engine: TestEngine) async throws {
        try await withFiles(on: engine, Self.rules) { files in
            let refused = Locked(0)
            try await atOnce(6) { number in
                do { _ = try await files.upload(Self.file("\(number)")) } catch DeskError.tooLarge { refused.withLock { $0 += 1 } }
            }
            #expect(refused.withLock { $0 } == 4)
            #expect(try await files.rows() == [2, 2] && files.fileCount == 2)
            #expect(try await files.room(of: files.desk.customer) == 224 << 10)
        }
    }
}

extension TestFiles {
    fileprivate func room(of caller: Caller) async throws -> Int? {
        try await desk.read { look in try await look.roomForUpload(of: caller) }
    }
}
