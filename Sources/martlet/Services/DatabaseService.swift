import Loop
import Storage

/// Closes the database when all who ask it have ended: of one in a file only the file is left then, without its log.
struct DatabaseService: Service {
    let name = "database"
    private let database: any Database
    private let alarm: Alarm

    init(_ database: any Database, on loop: EventLoop) {
        self.database = database
        alarm = Alarm(on: loop)
    }

    func run() async {
        while !Task.isCancelled { await alarm.sleep(nanoseconds: 3_600_000_000_000) }
        await database.close()
    }
}
