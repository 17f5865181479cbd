internal import Codec
internal import Loop

/// The sessions that are open, by id, and how many each address has. Asked by every loop.
final class SessionTable: Sendable {
    private struct Book {
        var sessions: [ByteName: EngineIO.Session] = [:]
        var byAddress: [IPNetwork: Int] = [:]
        /// Those of each address whom nobody has recognized.
        var strangers: [IPNetwork: Set<ByteName>] = [:]
    }

    private let book = Locked(Book())
    private let options: EngineIO.Options

    init(_ options: EngineIO.Options) { self.options = options }

    var count: Int { book.withLock { $0.sessions.count } }
    var all: [EngineIO.Session] { book.withLock { Array($0.sessions.values) } }

    subscript(id: String) -> EngineIO.Session? { book.withLock { $0.sessions[ByteName(id)] } }

    /// An IPv6 client has a /64 at the least, so that counts as one address.
    private static func network(of session: EngineIO.Session) -> IPNetwork { IPNetwork(of: session.opening.address, prefix: 64) }

    /// Adds a session, unless there are too many in all or from its address.
    func add(_ session: EngineIO.Session) -> Bool {
        let network = Self.network(of: session)
        return book.withLock { book in
            let held = book.byAddress[network, default: 0]
            guard options.sessions == 0 || book.sessions.count < options.sessions else { return false }
            guard options.sessionsPerAddress == 0 || held < options.sessionsPerAddress else { return false }
            if let most = options.strangers?.sessionsPerAddress {
                guard book.strangers[network]?.count ?? 0 < most else { return false }
                book.strangers[network, default: []].insert(ByteName(session.id))
            }
            book.byAddress[network] = held + 1
            book.sessions[ByteName(session.id)] = session
            return true
        }
    }

    func remove(_ session: EngineIO.Session) {
        let network = Self.network(of: session)
        book.withLock { book in
            guard book.sessions.removeValue(forKey: ByteName(session.id)) != nil else { return }
            Self.forgetStranger(session, network, &book)
            let held = book.byAddress[network, default: 1]
            book.byAddress[network] = held > 1 ? held - 1 : nil
        }
    }

    /// The session is no stranger's any more.
    func recognized(_ session: EngineIO.Session) {
        let network = Self.network(of: session)
        book.withLock { Self.forgetStranger(session, network, &$0) }
    }

    private static func forgetStranger(_ session: EngineIO.Session, _ network: IPNetwork, _ book: inout Book) {
        guard book.strangers[network]?.remove(ByteName(session.id)) != nil else { return }
        if book.strangers[network]?.isEmpty == true { book.strangers[network] = nil }
    }

    /// An id that nobody can guess: the node's name and 128 bits from the kernel.
    func freshID() -> String { options.node + EngineIO.randomID() }
}

extension EngineIO {
    /// 128 bits as 22 characters. Swift's own generator asks the kernel each time.
    static func randomID() -> String {
        var generator = SystemRandomNumberGenerator()
        let words = [generator.next(), generator.next()]
        return Base64.encode(words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }, .url, padded: false)
    }
}
