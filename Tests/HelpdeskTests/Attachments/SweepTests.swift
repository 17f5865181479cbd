import Codec
import Domain
import Files
import Glibc
import Helpdesk
import Loop
import Storage
import TestEngines
import Testing

@Suite("Files that nobody refers to") struct SweepTests {
    @Test("uploads that were never used go after a day, with their files", arguments: TestEngine.all)
    func unused(on engine: TestEngine) async throws {
        try await withFiles(on: engine) { files in
            let desk = files.desk
            let ticket = try await desk.ticket()
            let kept = try await files.upload("kept")
            _ = try await files.comment([kept.id], on: ticket)
            for number in 0..<3 { _ = try await files.upload("never used \(number)") }
            desk.clock.advance(seconds: 86_399)
            #expect(try await desk.desk.sweepFiles(of: files.store) == 0)
            desk.clock.advance(seconds: 1)
            #expect(try await desk.desk.sweepFiles(of: files.store) == 3)
            #expect(try await files.rows() == [1, 1] && files.fileCount == 1)
            #expect(try await files.content(of: kept.id, as: desk.customer) == "kept")
            #expect(try await desk.desk.sweepFiles(of: files.store) == 0)
        }
    }

    @Test("files of comments and tickets that are gone go a day later", arguments: TestEngine.all)
    func released(on engine: TestEngine) async throws {
        try await withFiles(on: engine) { files in
            let desk = files.desk
            let (ticket, binned) = (try await desk.ticket(), try await desk.ticket())
            let (first, second) = (try await files.upload("first"), try await files.upload("second"))
            let comment = try await files.comment([first.id], on: ticket)
            _ = try await files.comment([second.id], on: binned)
            try await desk.write { work in try await work.delete(comment.id, on: .id(ticket.id), expecting: nil, as: desk.customer) }
            try await desk.write { work in try await work.discard(.id(binned.id), expecting: nil, as: desk.admin) }
            #expect(try await desk.desk.sweepFiles(of: files.store) == 0)
            desk.clock.advance(days: 1)
            #expect(try await desk.desk.sweepFiles(of: files.store) == 1)
            desk.clock.advance(days: 29)
            #expect(try await desk.desk.emptyBin() == 1)
            #expect(try await files.rows() == [1, 0])
            #expect(try await desk.desk.sweepFiles(of: files.store) == 0)
            desk.clock.advance(days: 1)
            #expect(try await desk.desk.sweepFiles(of: files.store) == 1)
            #expect(try await files.rows() == [0, 0] && files.fileCount == 0)
        }
    }

    @Test("what a process left that was cut off goes after a day, and nothing that is known", arguments: TestEngine.all)
    func strays(on engine: TestEngine) async throws {
        try await withFiles(on: engine) { files in
            let desk = files.desk
            let ticket = try await desk.ticket()
            let kept = try await files.upload("kept")
            _ = try await files.comment([kept.id], on: ticket)
            let (cut, unnoted) = (try await files.store.begin(), try await files.store.begin())
            try await cut.append([1, 2, 3])
            try await unnoted.append([4, 5])
            try await files.store.keep(unnoted, as: FileKey(digest: try await unnoted.finish().digest, copy: 1))
            #expect(files.fileCount == 3)
            // The files are as old as the system's clock says, and the desk's stands long before that.
            #expect(try await desk.desk.sweepFiles(of: files.store) == 0 && files.fileCount == 3)
            files.age()
            #expect(try await desk.desk.sweepFiles(of: files.store) == 1)
            #expect(files.fileCount == 1)
            #expect(try await files.content(of: kept.id, as: desk.customer) == "kept")
        }
    }

    @Test("content that comes in again while it is being removed is there", arguments: TestEngine.all)
    func race(on engine: TestEngine) async throws {
        try await withFiles(on: engine) { files in
            let desk = files.desk
            let ticket = try await desk.ticket()
            for round in 0..<15 {
                _ = try await files.upload("the same")
                desk.clock.advance(days: 1)
                async let swept = desk.desk.sweepFiles(of: files.store)
                async let sweptToo = desk.desk.sweepFiles(of: files.store)
                async let first = files.upload("the same", named: "a\(round)")
                async let second = files.upload("the same", named: "b\(round)")
                let uploads = [try await first, try await second]
                _ = try await (swept, sweptToo)
                _ = try await files.comment(uploads.map(\.id), on: ticket)
                for upload in uploads { #expect(try await files.content(of: upload.id, as: desk.customer) == "the same") }
                // Everything goes, so that the next round begins from nothing.
                let last = try await desk.read { look in try await look.comments(on: .id(ticket.id), SliceRequest(), as: desk.admin).items }
                for comment in last {
                    try await desk.write { work in try await work.delete(comment.id, on: .id(ticket.id), expecting: nil, as: desk.admin) }
                }
                desk.clock.advance(days: 1)
                _ = try await desk.desk.sweepFiles(of: files.store)
                #expect(try await files.rows() == [0, 0] && files.fileCount == 0)
            }
        }
    }

    @Test("a copy that was lost is put back when its content comes in again", arguments: TestEngine.all)
    func healed(on engine: TestEngine) async throws {
        try await withFiles(on: engine) { files in
            let first = try await files.upload("precious")
            for file in TestFiles.files(in: files.path) { unlink(file) }
            await #expect(throws: FileStoreFault.self) { try await files.content(of: first.id, as: files.desk.customer) }
            let second = try await files.upload("precious")
            for id in [first.id, second.id] { #expect(try await files.content(of: id, as: files.desk.customer) == "precious") }
            #expect(files.fileCount == 1)
        }
    }

    @Test("a file may be kept a second time, also when its first place was removed")
    func keptTwice() async throws {
        try await withFiles(on: .sqlite) { files in
            let file = try await files.store.begin()
            let bytes = [UInt8]((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            try await file.append(bytes)
            let digest = try await file.finish().digest
            let (first, second) = (FileKey(digest: digest, copy: 1), FileKey(digest: digest, copy: 2))
            try await files.store.keep(file, as: first)
            try await files.store.remove(first)
            try await files.store.keep(file, as: second)
            await file.discard()
            #expect(files.fileCount == 1)
            #expect(try await files.store.open(second).bytes(0..<bytes.count) == bytes)
        }
    }

    @Test("a file that cannot be kept is not noted, and leaves nothing", arguments: TestEngine.all)
    func notKept(on engine: TestEngine) async throws {
        try await withFiles(on: engine) { files in
            // Where its folder should be, something else is.
            let digest = Hex.encode(SHA256.digest(Array("x".utf8)))
            let place = "\(files.path)/\(digest.prefix(2))"
            close(open(place, O_CREAT | O_WRONLY, 0o600))
            let incoming = try await files.store.begin()
            try await incoming.append(Array("x".utf8))
            let file = ReceivedFile(name: "a", type: .bytes, content: try await incoming.finish())
            await #expect(throws: FileStoreFault.self) {
                _ = try await files.desk.desk.keepUpload(
                    file, incoming, in: files.store, as: files.desk.customer, once: nil, keeping: { _ in nil })
            }
            await incoming.discard()
            #expect(try await files.rows() == [0, 0] && files.fileCount == 1)
        }
    }

    @Test("two folders of one desk are found out once there are files, and one that is shared is one", arguments: TestEngine.all)
    func folders(on engine: TestEngine) async throws {
        try await withFiles(on: engine) { files in
            let desk = files.desk.desk
            let (own, other) = (files.store.id, UInt128(7))
            let again = try FolderStore(at: files.path, BlockingPool(threads: 1, bound: 1), newID: desk.outside.newID)
            #expect(again.id == own)
            try await desk.noteFolder(own)
            try await desk.noteFolder(other)
            #expect(try await !desk.hasFilesElsewhere(than: own))
            _ = try await files.upload("x")
            #expect(try await desk.hasFilesElsewhere(than: own))
            #expect(try await desk.hasFilesElsewhere(than: other))
            files.desk.clock.advance(seconds: 181)
            try await desk.noteFolder(own)
            #expect(try await !desk.hasFilesElsewhere(than: own))
            try await desk.noteFolder(other)
            try await desk.forgetFolder(other)
            #expect(try await !desk.hasFilesElsewhere(than: own))
        }
    }
}
