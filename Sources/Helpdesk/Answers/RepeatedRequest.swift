internal import Codec
public import Domain
internal import Storage

/// A request that shall have its effect once, however often it is sent: its sender gave it a key.
public struct RepeatableRequest: Sendable {
    /// Who asks.
    let person: Person.ID
    /// Of caller, method, path and key.
    let digest: [UInt8]
    let bodyDigest: [UInt8]
    /// What the caller may see. An answer that was made for another role, or for a key with other scopes, is not given again.
    let standing: String

    public init(caller: Caller, method: String, path: String, key: String, body: UnsafeRawBufferPointer) {
        person = caller.id
        // A zero byte parts them, and none of them holds one.
        digest = SHA256.digest(Array("\(caller.id.text)\0\(method)\0\(path)\0\(key)".utf8))
        bodyDigest = SHA256.digest(body)
        standing = caller.standing
    }

    private init(person: Person.ID, digest: [UInt8], bodyDigest: [UInt8], standing: String) {
        self.person = person
        self.digest = digest
        self.bodyDigest = bodyDigest
        self.standing = standing
    }

    /// A part of it that is done in a transaction of its own, and has its effect once like the whole.
    public func part(_ number: Int) -> RepeatableRequest {
        RepeatableRequest(
            person: person, digest: SHA256.digest(digest + Array("\0\(number)".utf8)), bodyDigest: bodyDigest, standing: standing)
    }
}

extension Caller {
    /// All that decides what an answer shows them.
    fileprivate var standing: String {
        let allowed = scopes.map { scopes in Scope.allCases.filter { scopes.contains($0) }.map(\.rawValue).joined(separator: ",") }
        return "\(role.rawValue) \(seesAssignedOnly ? "assigned" : "all") \(allowed ?? "any")"
    }
}

/// An answer that is kept, to be given again.
public struct KeptAnswer: Sendable {
    public let status: Int
    public let fields: [(name: String, value: String)]
    public let body: [UInt8]

    public init(status: Int, fields: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}

/// Whether a request had its effect now or before.
public enum Outcome<Result: Sendable>: Sendable {
    case done(Result)
    case repeated(KeptAnswer)
}

extension Desk {
    /// How long an answer is kept.
    static let answerHours = 48

    /// Changes things once for a repeatable request: the answer that `keep` makes of the result is kept in the same transaction, and
    /// given again when the request comes again. `keep` gives nil for an answer that shows a secret: a repetition is then refused.
    ///
    /// Throws `.unprocessable` when the key was used with another body, `.conflict` while the first request is still running, and when the
    /// caller's role, or what their API key allows, is another than it was: it is neither answered nor done again.
    public func write<Result: Sendable>(
        once request: RepeatableRequest, keeping keep: @escaping @Sendable (Result) -> KeptAnswer?,
        _ body: @escaping @Sendable (Work) async throws -> Result
    ) async throws -> Outcome<Result> {
        try await write { work in
            if let answer = try await work.answer(to: request) { return .repeated(answer) }
            let result = try await body(work)
            try await work.keep(keep(result), for: request)
            return .done(result)
        }
    }
}

extension Desk {
    /// What was answered to a request before; nil when it is new. Throws as `write(once:)` does.
    public func keptAnswer(to request: RepeatableRequest) async throws -> KeptAnswer? {
        try await write { work in try await work.answer(to: request) }
    }
}

extension Work {
    /// Answers that were made then, or before, are given no longer.
    var oldestAnswer: Moment { now.adding(seconds: -Desk.answerHours * 3600) }

    /// The status under which an answer is noted that shows a secret, and so is not kept.
    private static let secret = 0

    fileprivate func answer(to request: RepeatableRequest) async throws -> KeptAnswer? {
        if let lock = db.engine.repeatLock(request) {
            guard try await db.first(lock, { $0.bool() }) == true else {
                throw DeskError.conflict("A request with this Idempotency-Key is still running")
            }
        }
        let found = try await db.first(
            """
            SELECT body_digest, standing, status, fields, body FROM answers
            WHERE digest = \(request.digest) AND created_at > \(oldestAnswer)
            """
        ) { row in
            (bodyDigest: row.bytes(), standing: row.text(), answer: KeptAnswer(status: row.int(), fields: row.fields(), body: row.bytes()))
        }
        guard let found else { return nil }
        guard found.bodyDigest == request.bodyDigest else {
            throw DeskError.unprocessable("This Idempotency-Key was used for another body")
        }
        guard found.standing == request.standing else {
            throw DeskError.conflict("This was done before, when you had another role or key, and its answer is not given again")
        }
        guard found.answer.status != Self.secret else {
            throw DeskError.conflict("This was done before, and its answer, which showed a secret, is not kept")
        }
        return found.answer
    }

    fileprivate func keep(_ answer: KeptAnswer?, for request: RepeatableRequest) async throws {
        let fields = answer?.fields.map { JSONValue.list([.text($0.name), .text($0.value)]) } ?? []
        let text = String(decoding: JSONValue.list(fields).bytes, as: UTF8.self)
        // What stands there already is older than answers are kept for, or another node was quicker; then this transaction must not be.
        let kept = try await db.run(
            """
            INSERT INTO answers (person_id, digest, body_digest, standing, status, fields, body, created_at)
            VALUES (
                \(request.person), \(request.digest), \(request.bodyDigest), \(request.standing), \(answer?.status ?? Self.secret), \(text),
                \(answer?.body ?? []), \(now))
            ON CONFLICT (digest) DO UPDATE SET body_digest = excluded.body_digest, standing = excluded.standing,
                status = excluded.status, fields = excluded.fields, body = excluded.body, created_at = excluded.created_at
            WHERE answers.created_at <= \(oldestAnswer)
            """)
        guard kept == 1 else { throw DeskError.conflict("A request with this Idempotency-Key is still running") }
    }
}

extension Engine {
    /// Tells whether this transaction is the only one with the request, and keeps others out until it ends. SQLite has one writer.
    fileprivate func repeatLock(_ request: RepeatableRequest) -> SQL? {
        guard self == .postgres else { return nil }
        let number = request.digest.prefix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        return "SELECT pg_try_advisory_xact_lock(\(Int(number)))"
    }
}

extension Row {
    /// Pairs of texts, kept as JSON.
    fileprivate mutating func fields() -> [(name: String, value: String)] {
        withText { bytes in
            guard let list = try? JSONValue(parsing: bytes, ours: true).elements else { return [] }
            return list.compactMap { pair in
                guard let parts = pair.elements, parts.count == 2, let name = parts[0].string, let value = parts[1].string else {
                    return nil
                }
                return (name, value)
            }
        }
    }
}
