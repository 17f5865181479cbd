import Files
import Helpdesk
import Redis

/// The settings of the help desk itself: where its data is, who signs in how, and its rules.
struct DeskSettings: Sendable {
    let dataFolder: String
    let database: DatabaseChoice
    /// Where nodes meet, when there are several.
    let redis: RedisAddress?
    /// Where files lie; nil for the data folder.
    let fileStore: S3Address?
    let mostUploadMB: Int
    let secret: Secret?
    /// What outside issuers' tokens may be signed with, and where only this is set, what our own secret is made of.
    let sharedSecret: Secret?
    let delegatedSecret: Secret?
    /// What was signed with before, while one secret takes the place of another.
    let previousSecret: Secret?
    let previousSharedSecret: Secret?
    let previousDelegatedSecret: Secret?
    let delegatedKeysURL: String?
    let delegatedPublicKey: PublicKeySource?
    let delegatedAudience: String?
    let delegatedRequiresExpiry: Bool
    let delegatedMaxRole: DelegatedRole
    let rules: Rules
    /// Whether it was said how agents are found for new tickets; if not, a dialect may have a way of its own.
    let saysAssignment: Bool
    /// Requests that a caller may make in a minute; 0 = no limit.
    let rateLimit: Int
    /// Tries to sign in that an address and an account have in a minute; 0 = no limit.
    let authRateLimit: Int
    /// What a person may write in an hour, in MiB; 0 = no limit.
    let writeBudgetMB: Int
    let hasPublicTickets: Bool
    let searchLanguage: SearchLanguage
    let adminEmail: String?
    let adminPassword: Secret?
    let isDemo: Bool

    /// - Parameter publicURL: what links begin with, as it is set or follows from where the server listens.
    init(_ read: inout SettingsReader, publicURL: String) {
        isDemo = read(
            "DEMO", .onOff, default: false, "Make demo people and data, and open what a real desk keeps closed; never in earnest.")
        dataFolder = read("DATA_DIR", .path, default: "./data", "Folder of the database and of files.")
        database = read(
            "DATABASE_URL", .database, default: .inDataFolder, "sqlite:PATH, or postgres://USER:PASSWORD@HOST/NAME; default: in DATA_DIR.")
        redis = read("REDIS_URL", .redis, "redis://USER:PASSWORD@HOST:PORT/NUMBER, where several nodes of one desk meet.")
        fileStore = read(
            "S3_URL", .store, "https://KEY:SECRET@HOST/BUCKET/PREFIX?region=REGION, for files; default: in DATA_DIR. Nodes need it.")
        mostUploadMB = read("MAX_UPLOAD_MB", .number(1...1_048_576), default: 25, "Largest file that may be sent, in MiB.")
        secret = read("JWT_SECRET", .secret(atLeast: 8), "What access tokens are signed with; made and kept when unset.")
        previousSecret = read(
            "JWT_SECRET_PREVIOUS", .secret(atLeast: 8), "The JWT_SECRET before: good as well, while one takes the other's place.")
        sharedSecret = read(
            "JWT_SECRET_KEY", .secret(atLeast: 8),
            "Secret shared with backends that vouch for people; access tokens are signed with one made of it.")
        previousSharedSecret = read(
            "JWT_SECRET_KEY_PREVIOUS", .secret(atLeast: 8), "The JWT_SECRET_KEY before: good as well, while one takes the other's place.")
        _ = read("ALGORITHM", .word, default: TokenAlgorithmChoice.hs256, "How access tokens are signed; HS256 is the only way.")
        let seconds = read("JWT_EXPIRATION", .number(10...31_536_000), default: 900, "Seconds that an access token lives.")
        let minutes = read("ACCESS_TOKEN_EXPIRE_MINUTES", .number(1...525_600), "The same in minutes.")
        if let minutes, read.isSet("JWT_EXPIRATION"), minutes * 60 != seconds {
            read.refuse("JWT_EXPIRATION and ACCESS_TOKEN_EXPIRE_MINUTES are one setting and differ; set one of them.")
        }
        let refreshDays = read("REFRESH_TOKEN_EXPIRE_DAYS", .number(1...3650), default: 7, "Days that a sign-in lasts without use.")

        delegatedSecret = read("DELEGATED_JWT_SECRET", .secret(atLeast: 8), "Secret of backends that vouch for people (HS256).")
        previousDelegatedSecret = read(
            "DELEGATED_JWT_SECRET_PREVIOUS", .secret(atLeast: 8),
            "The DELEGATED_JWT_SECRET before: good as well, while one takes the other's place.")
        delegatedKeysURL = read("DELEGATED_JWKS_URL", .webAddress, "Where the public keys of an issuer are (RS256, ES256, EdDSA).")
        delegatedPublicKey = read(
            "DELEGATED_PUBLIC_KEY", .publicKey, "Public key of an issuer: a PEM file's path, or the text of the PEM itself.")
        delegatedAudience = read("DELEGATED_AUDIENCE", .text, "The aud that an issuer's tokens must have.")
        delegatedRequiresExpiry = read("DELEGATED_REQUIRE_EXP", .onOff, default: false, "Whether an issuer's tokens must have an exp.")
        delegatedMaxRole = read("DELEGATED_MAX_ROLE", .word, default: .admin, "The highest role that an issuer may grant.")

        rateLimit = read(
            "RATE_LIMIT", .number(0...1_000_000_000), default: 600, "Requests a minute that one caller may make; 0 = no limit.")
        authRateLimit = read(
            "AUTH_RATE_LIMIT", .number(0...1_000_000), default: 10,
            "Tries a minute to sign in, for an address and for an account; 0 = no limit.")
        writeBudgetMB = read(
            "WRITE_BUDGET_MB", .number(0...1_048_576), default: 256, "MiB of changes that one person may write in an hour; 0 = no limit.")
        let staffRegistration = read(
            "ALLOW_STAFF_REGISTRATION", .onOff, default: isDemo, "Whether anybody may register as staff; only to try things out.")
        hasPublicTickets = read("PUBLIC_TICKETS", .onOff, default: isDemo, "Whether GET /tickets without a credential lists all tickets.")
        adminEmail = read("ADMIN_EMAIL", .text, "Address of the first admin, made at a first start.")
        adminPassword = read("ADMIN_PASSWORD", .password, "Password of the first admin.")

        var rules = Rules()
        rules.reopenDays = read(
            "REOPEN_DAYS", .number(0...36_500), default: 14, "Days in which a reply opens a closed ticket again; 0 = never.")
        rules.agentScope = read(
            "AGENT_SCOPE", .word, default: .all, "What agents see: all tickets, or those assigned to them or to nobody.")
        saysAssignment = read.isSet("AUTO_ASSIGN")
        rules.assignment = read("AUTO_ASSIGN", .word, default: .off, "How an agent is found for a new ticket.")
        searchLanguage = read(
            "SEARCH_LANGUAGE", .word, default: .english, "Language that texts are searched in; simple takes words as they are.")
        rules.searchTimeout = read(
            "SEARCH_TIMEOUT_MS", .number(1...60_000), default: 2000,
            "Milliseconds that a search may take, waiting included, before it is given up with 503.")
        rules.searchesAtOnce = read(
            "SEARCHES_AT_ONCE", .number(1...64), default: max(1, usableCores() / 2),
            "Searches that run at a time on this node; default: half of the usable cores.")
        rules.uploadQuotaMB = read(
            "UPLOAD_QUOTA_MB", .number(0...1_073_741_824), default: 1024,
            "MiB of files that one customer may have sent in all; 0 = no limit. Staff have none.")
        rules.eventDays = read(
            "EVENT_RETENTION_DAYS", .number(0...36_500), default: 0,
            "Days after which events are emptied of what they told, from the oldest on; 0 = never.")
        rules.accessLifetime = minutes.map { $0 * 60 } ?? seconds
        rules.refreshDays = refreshDays
        rules.allowsStaffRegistration = staffRegistration
        rules.isDemo = isDemo
        rules.publicURL = publicURL
        self.rules = rules

        let shared = [delegatedSecret, sharedSecret, previousDelegatedSecret, previousSharedSecret].compactMap { $0?.reveal() }
        if [secret, previousSecret].compactMap({ $0?.reveal() }).contains(where: { shared.contains($0) }) {
            read.refuse("JWT_SECRET and the secret that is shared with other backends are the same, so those could sign in as anybody.")
        }
        if previousSharedSecret != nil, sharedSecret == nil {
            read.refuse("JWT_SECRET_KEY_PREVIOUS is the secret before JWT_SECRET_KEY, and that one is not set.")
        }
        if previousDelegatedSecret != nil, delegatedSecret == nil {
            read.refuse("DELEGATED_JWT_SECRET_PREVIOUS is the secret before DELEGATED_JWT_SECRET, and that one is not set.")
        }
        if (adminEmail == nil) != (adminPassword == nil) {
            read.refuse(
                "ADMIN_EMAIL and ADMIN_PASSWORD belong together, and \(adminEmail == nil ? "ADMIN_EMAIL" : "ADMIN_PASSWORD") is not set.")
        }
    }
}

/// Which database, as `DATABASE_URL` says.
enum DatabaseChoice: Equatable, Sendable {
    case inDataFolder
    case file(String)
    case server(String)

    init?(_ text: String) {
        if text.hasPrefix("sqlite:") {
            // `sqlite:///path` and `sqlite:path` both are known from elsewhere; two slashes name no host here.
            let path = text.hasPrefix("sqlite://") ? text.dropFirst(9) : text.dropFirst(7)
            guard !path.isEmpty else { return nil }
            self = .file(String(path))
        } else if ["postgres://", "postgresql://", "postgresql+asyncpg://"].contains(where: { text.lowercased().hasPrefix($0) }) {
            self = .server(text)
        } else {
            return nil
        }
    }
}

enum TokenAlgorithmChoice: String, CaseIterable, Sendable {
    case hs256 = "HS256"
}

enum DelegatedRole: String, CaseIterable, Sendable {
    case guest, customer, agent, admin
}

extension SettingKind where Value == DatabaseChoice {
    /// Shown as a whole only when it is a file: a server's address holds a password, and so may one that is refused.
    static var database: Self {
        Self(
            placeholder: "URL",
            parse: { text throws(SettingFault) in
                guard let choice = DatabaseChoice(text) else {
                    throw SettingFault(rule: "must be sqlite:PATH or postgres://…", culprit: String(text.prefix { $0 != ":" }))
                }
                return Reading(value: choice)
            },
            show: { choice in
                switch choice {
                case .inDataFolder: "sqlite:DATA_DIR/martlet.db"
                case .file(let path): "sqlite:\(path)"
                case .server: "postgres://\(Secret.mask)"
                }
            })
    }
}

extension SettingKind where Value == RedisAddress {
    /// Never shown: it may hold a password.
    static var redis: Self {
        Self(
            placeholder: "URL",
            parse: { text throws(SettingFault) in
                do throws(RedisAddress.Fault) {
                    return Reading(value: try RedisAddress(text))
                } catch {
                    let culprit = text.contains("://") ? "\(text.prefix { $0 != ":" })://***" : "***"
                    throw SettingFault(rule: error.description, culprit: culprit)
                }
            }, show: { _ in "redis://\(Secret.mask)" })
    }
}

extension SettingKind where Value == S3Address {
    /// Never shown: it holds a secret.
    static var store: Self {
        Self(
            placeholder: "URL",
            parse: { text throws(SettingFault) in
                do throws(S3Address.Fault) {
                    return Reading(value: try S3Address(text))
                } catch {
                    throw SettingFault(rule: error.description, culprit: Secret.mask)
                }
            }, show: { _ in "https://\(Secret.mask)" })
    }
}

extension SettingKind where Value == Bool {
    /// A switch: as a flag it needs no value.
    static var onOff: Self {
        var kind = Self("on|off", "must be on or off, true or false, yes or no, 1 or 0", show: { $0 ? "on" : "off" }) { text in
            switch text.lowercased() {
            case "on", "true", "yes", "1": true
            case "off", "false", "no", "0": false
            default: nil
            }
        }
        kind.isSwitch = true
        return kind
    }
}

extension SettingKind where Value == String {
    static var text: Self { Self("TEXT", "must be a text", show: { $0 }) { $0 } }

    static var webAddress: Self {
        Self("URL", "must begin with https:// or http://", show: { $0 }) { text in
            text.hasPrefix("https://") || text.hasPrefix("http://") ? text : nil
        }
    }
}
