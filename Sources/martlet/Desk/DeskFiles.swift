import Codec
import Files
import Helpdesk
import Loop

/// Where the desk's files lie, as the settings say, and what has to be done there now and then.
struct DeskFiles: Sendable {
    let store: any FileStore
    /// Nil where all nodes have the same store anyhow.
    private let folder: FolderStore?
    private let desk: Desk
    /// The store's own loop, on which it is called; see `S3Store`.
    private let caller: (loop: EventLoop, thread: Thread)?

    init(_ settings: DeskSettings, _ desk: Desk, _ disk: BlockingPool) throws {
        self.desk = desk
        // A database elsewhere has made no folder.
        try OpenDatabase.makeFolder(settings.dataFolder)
        let path = "\(settings.dataFolder)/attachments"
        let newID = desk.outside.newID
        if let address = settings.fileStore {
            let loop = try EventLoop()
            store = try S3Store(address, staging: path, disk, on: loop, newID: newID)
            folder = nil
            caller = (loop, loop.start(named: "files"))
        } else {
            let local = try FolderStore(at: path, disk, newID: newID)
            store = local
            if case .server = settings.database { folder = local } else { folder = nil }
            caller = nil
        }
    }

    /// Ends the store's own thread.
    func stop() {
        guard let caller else { return }
        caller.loop.stop()
        caller.thread.join()
    }

    func services(on loop: EventLoop, _ log: Log) -> [any Service] {
        let sweep = Chore("remove files that nobody refers to", every: 3600, deletes: true, on: loop, log) { [desk, store] in
            let count = try await desk.sweepFiles(of: store)
            if count > 0 { log.info("files that nobody refers to were removed", ["files": .number(count)]) }
        }
        guard let folder else { return [sweep] }
        return [sweep, FolderNotice(folder.id, of: desk, on: loop)]
    }

    /// Why this node's files are of no use to the desk; nil when they are.
    @Sendable func fault() async -> String? {
        // Whether the database answers is another question.
        guard let folder, (try? await desk.hasFilesElsewhere(than: folder.id)) == true else { return nil }
        return "files lie on this machine, and other nodes keep theirs elsewhere: set S3_URL, or share the folder"
    }
}

/// Tells the other nodes, by the database, which folder this one keeps files in: every minute, and at the end that it does so no more.
private struct FolderNotice: Service {
    let name = "folder of files"
    private let id: UInt128
    private let desk: Desk
    private let alarm: Alarm

    init(_ id: UInt128, of desk: Desk, on loop: EventLoop) {
        self.id = id
        self.desk = desk
        alarm = Alarm(on: loop)
    }

    /// What fails is said again in a minute; a folder counts as in use for three.
    func run() async {
        while !Task.isCancelled {
            try? await desk.noteFolder(id)
            await alarm.sleep(nanoseconds: 60_000_000_000)
        }
        try? await desk.forgetFolder(id)
    }
}
