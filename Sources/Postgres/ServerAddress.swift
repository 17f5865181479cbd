internal import CPostgres

/// Where the database is and who we are to it, read from a URL.
///
/// Takes what libpq takes (several hosts, `sslmode`, `target_session_attrs`, a socket's folder as `host`), and the spelling
/// of SQLAlchemy: `postgresql+asyncpg://`, with `ssl=require` for `sslmode`.
public struct ServerAddress: Sendable {
    /// The URL is none of ours. Never holds any of its text, which has a password in it.
    public struct Fault: Error, Equatable, CustomStringConvertible {
        public let description: String
    }

    struct Host: Equatable, Sendable {
        var name: String
        var port: String
        /// Empty: the name is a folder with a socket, or still to be looked up.
        var address = ""

        /// A folder, or nothing at all, which is libpq's own default folder.
        var isLocal: Bool { name.isEmpty ? address.isEmpty : name.hasPrefix("/") || name.hasPrefix("@") }
    }

    let hosts: [Host]
    /// All the URL says beside its hosts.
    let settings: [(name: String, value: String)]

    /// Reads a URL. Throws when it is not one of PostgreSQL's, or when libpq does not know something in it.
    public init(_ url: String) throws(Fault) {
        let plain = try Self.plainURL(url)
        guard let list = PQconninfoParse(plain, nil) else {
            throw Fault(
                description: "the database URL is not what PostgreSQL takes: check its form, and that its password is percent-encoded")
        }
        defer { PQconninfoFree(list) }
        var settings: [(name: String, value: String)] = []
        var values: [String: String] = [:]
        var option = list
        while let name = option.pointee.keyword {
            if let value = option.pointee.val {
                let name = String(cString: name)
                if ["host", "hostaddr", "port"].contains(name) {
                    values[name] = String(cString: value)
                } else {
                    settings.append((name, String(cString: value)))
                }
            }
            option += 1
        }
        self.settings = settings
        hosts = try Self.hosts(values)
    }

    private static func plainURL(_ url: String) throws(Fault) -> String {
        guard let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix("://") else {
            throw Fault(description: "the database URL has no scheme: postgres://, postgresql:// or postgresql+asyncpg://")
        }
        switch url[..<colon].lowercased() {
        case "postgres", "postgresql": return "postgresql" + url[colon...]
        case "postgresql+asyncpg": return "postgresql" + withLibraryNames(url[colon...])
        default: throw Fault(description: "the database URL has a scheme that is not PostgreSQL's")
        }
    }

    /// What asyncpg and SQLAlchemy call otherwise, or what only they have, as libpq has it.
    private static func withLibraryNames(_ rest: Substring) -> String {
        guard let question = rest.firstIndex(of: "?") else { return String(rest) }
        let kept = rest[rest.index(after: question)...].split(separator: "&").compactMap { pair -> String? in
            let name = pair.prefix { $0 != "=" }
            let value = pair.dropFirst(name.count + 1)
            switch name {
            case "ssl": return "sslmode=" + (["true": "require", "false": "disable"][value] ?? String(value))
            case "prepared_statement_cache_size", "statement_cache_size", "prepared_statement_name_func", "async_fallback": return nil
            default: return String(pair)
            }
        }
        return rest[..<question] + (kept.isEmpty ? "" : "?" + kept.joined(separator: "&"))
    }

    private static func hosts(_ values: [String: String]) throws(Fault) -> [Host] {
        func list(_ name: String) -> [String] {
            (values[name] ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let (names, addresses, ports) = (list("host"), list("hostaddr"), list("port"))
        let count = max(names.count, addresses.count)
        guard names.count == count || values["host"] == nil, addresses.count == count || values["hostaddr"] == nil,
            ports.count == count || ports.count == 1
        else { throw Fault(description: "the database URL names more hosts than ports, or the reverse") }
        return (0..<count).map { index in
            Host(
                name: names.count == count ? names[index] : "", port: ports.count == 1 ? ports[0] : ports[index],
                address: addresses.count == count ? addresses[index] : "")
        }
    }

    /// Whether a name server must be asked before we can connect.
    var needsLookUp: Bool { hosts.contains { !$0.isLocal && $0.address.isEmpty } }

    /// What libpq is told: ours first, so that the URL may say otherwise, and then the hosts as they are now known.
    func parameters(_ hosts: [Host]) -> [(name: String, value: String)] {
        [
            ("application_name", "martlet"),
            // A look for Kerberos tickets may ask a name server, which would hold the loop.
            ("gssencmode", "disable"),
            ("keepalives_idle", "15"), ("keepalives_interval", "5"), ("keepalives_count", "3"), ("tcp_user_timeout", "15000"),
        ].filter { ours in !settings.contains { $0.name == ours.0 } } + settings
            + [
                ("client_encoding", "UTF8"),
                ("host", hosts.map(\.name).joined(separator: ",")),
                ("hostaddr", hosts.map(\.address).joined(separator: ",")),
                ("port", hosts.map(\.port).joined(separator: ",")),
            ].filter { !$0.1.allSatisfy { $0 == "," } }
    }
}
