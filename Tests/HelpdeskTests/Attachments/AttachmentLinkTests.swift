import Codec
import Domain
import Helpdesk
import TestEngines
import Testing

@Suite("Signed addresses of files") struct AttachmentLinkTests {
    private struct Link {
        let id: Attachment.ID
        var expires: Int
        var signature: String

        init(_ attachment: Attachment) throws {
            id = attachment.id
            let parts = attachment.url.split(separator: "?")[1].split(separator: "&")
            expires = try #require(Int(parts[0].dropFirst(8)))
            signature = String(parts[1].dropFirst(10))
        }

        func open(_ files: TestFiles, _ id: Attachment.ID? = nil) async throws {
            let (id, signature, expires) = (id ?? self.id, signature, expires)
            _ = try await files.desk.read { look in try await look.attachment(id, signature: signature, expires: expires) }
        }
    }

    private static let bad = DeskError.unauthorized("This address is not good any more")

    @Test("one opens its file without a credential for a quarter of an hour at least, and half an hour at most", arguments: TestEngine.all)
    func expires(on engine: TestEngine) async throws {
        try await withFiles(on: engine) { files in
            for offset in [0, 1, 450, 899] {
                files.desk.clock.advance(seconds: offset)
                let link = try Link(try await files.upload("x"))
                let left = link.expires - files.desk.clock.now.milliseconds / 1000
                #expect(left > 900 && left <= 1800)
                try await link.open(files)
                files.desk.clock.advance(seconds: left - 1)
                try await link.open(files)
                files.desk.clock.advance(seconds: 1)
                await #expect(throws: Self.bad) { try await link.open(files) }
            }
        }
    }

    @Test("it is the same for a while, so that what tells it stays the same too")
    func stable() async throws {
        try await withFiles(on: .sqlite) { files in
            let desk = files.desk
            let ticket = try await desk.ticket()
            let upload = try await files.upload("x")
            let comment = try await files.comment([upload.id], on: ticket)
            func url() async throws -> String {
                try await desk.read { look in try await look.comment(comment.id, on: .id(ticket.id), as: desk.customer) }.attachments[0].url
            }
            let first = try await url()
            desk.clock.advance(seconds: 900 - desk.clock.now.milliseconds / 1000 % 900 - 1)
            #expect(try await url() == first)
            desk.clock.advance(seconds: 1)
            #expect(try await url() != first)
        }
    }

    @Test("another file, another end, another signature or a broken one opens nothing", arguments: TestEngine.all)
    func forged(on engine: TestEngine) async throws {
        try await withFiles(on: engine) { files in
            let good = try Link(try await files.upload("x"))
            let other = try await files.upload("y")
            await #expect(throws: Self.bad) { try await good.open(files, other.id) }
            var later = good
            later.expires += 900
            await #expect(throws: Self.bad) { try await later.open(files) }
            for signature in [
                "", "AAAA", String(good.signature.reversed()), good.signature + "=", good.signature.uppercased(), "ä",
                good.signature + "AA",
            ] {
                var forged = good
                forged.signature = signature
                await #expect(throws: Self.bad) { try await forged.open(files) }
            }
        }
    }

    @Test("what a secret before signed is good as long as that is", arguments: TestEngine.all)
    func secretBefore(on engine: TestEngine) async throws {
        try await withFiles(on: engine) { files in
            let (link, outside) = (try Link(try await files.upload("x")), files.desk.desk.outside)
            let (old, new) = (Array("a secret for tests only".utf8), Array("the secret that follows it".utf8))
            let both = try Desk(files.desk.database, Rules(), outside, secret: new, previousSecrets: [old])
            let alone = try Desk(files.desk.database, Rules(), outside, secret: new)
            func open(at desk: Desk) async throws {
                _ = try await desk.read(for: .server) { look in
                    try await look.attachment(link.id, signature: link.signature, expires: link.expires)
                }
            }
            try await open(at: both)
            await #expect(throws: Self.bad) { try await open(at: alone) }
        }
    }

    @Test("when the ticket is in the bin the address opens nothing", arguments: TestEngine.all)
    func inBin(on engine: TestEngine) async throws {
        try await withFiles(on: engine) { files in
            let desk = files.desk
            let ticket = try await desk.ticket()
            let link = try Link(try await files.upload("x"))
            _ = try await files.comment([link.id], on: ticket)
            try await link.open(files)
            _ = try await desk.write { work in try await work.discard(.id(ticket.id), as: desk.admin) }
            await #expect(throws: DeskError.notFound("Attachment not found")) { try await link.open(files) }
            #expect(try await files.content(of: link.id, as: desk.admin) == "x")
            _ = try await desk.write { work in try await work.restore(.id(ticket.id), as: desk.admin) }
            try await link.open(files)
        }
    }

    @Test("when the file has gone the address opens nothing", arguments: TestEngine.all)
    func gone(on engine: TestEngine) async throws {
        try await withFiles(on: engine) { files in
            let upload = try await files.upload("x")
            let link = try Link(upload)
            try await files.desk.write { work in try await work.deleteUpload(upload.id, as: files.desk.customer) }
            await #expect(throws: DeskError.notFound("Attachment not found")) { try await link.open(files) }
        }
    }
}
