import Codec
import Domain
import Files
import Helpdesk
import Storage
import TestEngines
import Testing

@Suite("Files on comments") struct AttachmentTests {
    @Test("a file is sent, put on a comment, shown to who sees it, and told of", arguments: TestEngine.all)
    func whole(on engine: TestEngine) async throws {
        try await withFiles(on: engine) { files in
            let desk = files.desk
            let ticket = try await desk.ticket()
            let first = try await files.upload("one")
            let second = try await files.upload("two", named: "b.txt")
            let comment = try await files.comment([second.id, first.id], on: ticket)
            #expect(comment.attachments.map(\.name) == ["b.txt", "note.txt"] && comment.attachments.map(\.size) == [3, 3])
            #expect(comment.attachments.allSatisfy { $0.url.hasPrefix("http://127.0.0.1:3000/attachments/\($0.id.text)?expires=") })
            let found = try await desk.read { look in try await look.comment(comment.id, on: .id(ticket.id), as: desk.agent) }
            let listed = try await desk.read { look in try await look.comments(on: .id(ticket.id), SliceRequest(), as: desk.customer).items
            }
            #expect(found == comment && listed == [comment])
            let told = try await desk.desk.events(EventQuestion(), SliceRequest(), as: desk.admin).items.compactMap {
                if case .comment(let comment) = $0.subject { comment.attachments } else { nil }
            }
            #expect(told == [comment.attachments])
            for caller in [desk.customer, desk.agent, desk.admin] { #expect(try await files.content(of: first.id, as: caller) == "one") }
            await #expect(throws: DeskError.notFound("Attachment not found")) {
                try await files.content(of: first.id, as: desk.otherCustomer)
            }
        }
    }

    @Test("before it is on a comment only its sender has it; on a private one, staff", arguments: TestEngine.all)
    func seen(on engine: TestEngine) async throws {
        try await withFiles(on: engine) { files in
            let desk = files.desk
            let ticket = try await desk.ticket()
            let own = try await files.upload("mine")
            for caller in [desk.otherCustomer, desk.agent, desk.admin] {
                await #expect(throws: DeskError.notFound("Attachment not found")) { try await files.content(of: own.id, as: caller) }
            }
            #expect(try await files.content(of: own.id, as: desk.customer) == "mine")
            let hidden = try await files.upload("arson", by: desk.agent)
            _ = try await files.comment([hidden.id], on: ticket, by: desk.agent, .private)
            #expect(try await files.content(of: hidden.id, as: desk.otherAgent) == "arson")
            await #expect(throws: DeskError.notFound("Attachment not found")) { try await files.content(of: hidden.id, as: desk.customer) }
        }
    }

    @Test("only one's own files that are on no comment are taken, and all others are told at once", arguments: TestEngine.all)
    func unusable(on engine: TestEngine) async throws {
        try await withFiles(on: engine) { files in
            let desk = files.desk
            let ticket = try await desk.ticket()
            let (own, used, other) = (
                try await files.upload("own"), try await files.upload("used"), try await files.upload("other", by: desk.agent)
            )
            _ = try await files.comment([used.id], on: ticket)
            let message = "There is no such upload of yours that is unused"
            let faults = [0, 1, 3, 4].map { InvalidField("attachments.\($0)", "not_found", message) }
            await #expect(throws: DeskError.invalid(faults)) {
                try await files.comment([used.id, other.id, own.id, own.id, Attachment.ID(7)], on: ticket)
            }
            #expect(try await desk.find(ticket).tally.commentCount == 1, "nothing was written")
            _ = try await files.comment([own.id], on: ticket)
        }
    }

    @Test("the same content is kept once, and stays as long as anybody uses it", arguments: TestEngine.all)
    func once(on engine: TestEngine) async throws {
        try await withFiles(on: engine) { files in
            let desk = files.desk
            let ticket = try await desk.ticket()
            let mine = try await files.upload("the same", named: "a.txt")
            let theirs = try await files.upload("the same", named: "b.txt", by: desk.agent)
            #expect(files.fileCount == 1)
            #expect(try await files.rows() == [1, 2])
            let comment = try await files.comment([mine.id], on: ticket)
            _ = try await files.comment([theirs.id], on: ticket, by: desk.agent)
            try await desk.write { work in try await work.delete(comment.id, on: .id(ticket.id), expecting: nil, as: desk.customer) }
            await #expect(throws: DeskError.notFound("Attachment not found")) { try await files.content(of: mine.id, as: desk.customer) }
            desk.clock.advance(days: 2)
            #expect(try await desk.desk.sweepFiles(of: files.store) == 0)
            #expect(try await files.content(of: theirs.id, as: desk.customer) == "the same")
        }
    }

    @Test("one that was never used can be deleted by its sender alone", arguments: TestEngine.all)
    func deleted(on engine: TestEngine) async throws {
        try await withFiles(on: engine) { files in
            let desk = files.desk
            let ticket = try await desk.ticket()
            let (own, used) = (try await files.upload("own"), try await files.upload("used"))
            _ = try await files.comment([used.id], on: ticket)
            func delete(_ id: Attachment.ID, as caller: Caller) async throws {
                try await desk.write { work in try await work.deleteUpload(id, as: caller) }
            }
            for caller in [desk.otherCustomer, desk.agent, desk.admin] {
                await #expect(throws: DeskError.notFound("Attachment not found")) { try await delete(own.id, as: caller) }
            }
            await #expect(throws: DeskError.notFound("Attachment not found")) { try await delete(used.id, as: desk.otherCustomer) }
            await #expect(throws: DeskError.forbidden("Only its uploader may delete a file")) { try await delete(used.id, as: desk.agent) }
            await #expect(throws: DeskError.conflict("This file is on a comment: delete the comment, and it goes too")) {
                try await delete(used.id, as: desk.customer)
            }
            try await delete(own.id, as: desk.customer)
            await #expect(throws: DeskError.notFound("Attachment not found")) { try await delete(own.id, as: desk.customer) }
            // It lies in the store for a day, though nobody finds it.
            await #expect(throws: DeskError.notFound("Attachment not found")) { try await files.content(of: own.id, as: desk.customer) }
            await #expect(throws: DeskError.self) { try await files.comment([own.id], on: ticket) }
            #expect(try await files.rows() == [2, 2])
            desk.clock.advance(days: 1)
            #expect(try await desk.desk.sweepFiles(of: files.store) == 1)
            #expect(try await files.rows() == [1, 1])
        }
    }

    @Test("who has sent too many without using them must use some first", arguments: TestEngine.all)
    func tooMany(on engine: TestEngine) async throws {
        try await withFiles(on: engine) { files in
            let desk = files.desk
            for number in 0..<Desk.mostUnusedUploads { _ = try await files.upload("\(number % 3)") }
            await #expect(throws: DeskError.conflict("Too many of your files are on no comment: use or delete some first")) {
                _ = try await desk.read { look in try await look.roomForUpload(of: desk.customer) }
            }
            #expect(try await desk.read { look in try await look.roomForUpload(of: desk.agent) } == nil)
        }
    }

    @Test("an upload that is sent again with its key is noted once", arguments: TestEngine.all)
    func repeated(on engine: TestEngine) async throws {
        try await withFiles(on: engine) { files in
            let desk = files.desk
            func send(_ content: String) async throws -> Outcome<Attachment> {
                let incoming = try await files.store.begin()
                try await incoming.append(Array(content.utf8))
                let file = ReceivedFile(name: "a", type: .bytes, content: try await incoming.finish())
                let request = file.content.digest.withUnsafeBytes {
                    RepeatableRequest(caller: desk.customer, method: "POST", path: "/attachments", key: "k", body: $0)
                }
                let outcome = try await desk.desk.keepUpload(
                    file, incoming, in: files.store, as: desk.customer, once: request,
                    keeping: { KeptAnswer(status: 201, fields: [], body: Array($0.id.text.utf8)) })
                await incoming.discard()
                return outcome
            }
            guard case .done(let first) = try await send("x") else { return #expect(Bool(false), "it was no repetition") }
            guard case .repeated(let answer) = try await send("x") else { return #expect(Bool(false), "it was a repetition") }
            #expect(answer.body == Array(first.id.text.utf8))
            #expect(try await files.rows() == [1, 1])
            await #expect(throws: DeskError.unprocessable("This Idempotency-Key was used for another body")) { _ = try await send("y") }
            #expect(try await files.rows() == [1, 1])
        }
    }
}
