/// The five letters with which PostgreSQL says what went wrong, and what we do about it.
struct SQLState: Equatable, Sendable {
    let code: String

    init(_ code: String) { self.code = code }

    enum Meaning: Equatable, Sendable {
        /// The session is over, or was never there.
        case lost
        /// The prepared statement no longer fits the tables, or is gone: prepare it again.
        case stale
        /// Two transactions stood in each other's way; run this one again.
        case rerun
        case timedOut
        /// Another transaction held a row for longer than we wait.
        case locked
        /// The server will not do it now: it has too many connections, or too little memory.
        case unavailable
        /// A change where there are only reads: on a link for them, or because the server became a standby.
        case readOnly
        case full
        case diskError
        /// What is stored, or an index of it, cannot be read.
        case damaged
        case constraint
        /// Our fault: the statement can never work.
        case broken
    }

    var meaning: Meaning {
        switch code {
        // A code is missing when libpq itself made the error, which it does when the connection breaks.
        case "", "57P01", "57P02", "57P03", "57P05", "25P03": .lost
        case "26000", "0A000": .stale
        case "40001", "40P01": .rerun
        case "57014": .timedOut
        case "55P03": .locked
        case "53100": .full
        case "58030": .diskError
        case "XX001", "XX002": .damaged
        case "25006": .readOnly
        default:
            switch code.prefix(2) {
            case "08": .lost
            case "23": .constraint
            case "53": .unavailable
            default: .broken
            }
        }
    }
}
