import Storage
import TestEngines
import Testing

@testable import Helpdesk

/// How an engine means to answer a question, line by line.
struct Plan: CustomStringConvertible {
    let lines: [String]
    let engine: Engine

    init(of question: SQL, _ db: Connection) async throws {
        engine = db.engine
        switch db.engine {
        case .sqlite: lines = try await db.all("EXPLAIN QUERY PLAN \(question)") { $0.text(at: 3) }
        case .postgres: lines = try await db.all("EXPLAIN \(question)") { $0.text(at: 0) }
        }
    }

    var description: String { lines.joined(separator: "\n") }

    /// Lines that read a table from one end to the other. A part of the question itself is no table.
    var scans: [String] {
        switch engine {
        case .sqlite:
            lines.filter { $0.hasPrefix("SCAN ") && !$0.hasPrefix("SCAN k") && !$0.hasPrefix("SCAN CONSTANT") && !isInOrder($0) }
        case .postgres: lines.filter { $0.contains("Seq Scan") }
        }
    }

    /// A table that is gone through in the order that is wanted, and left when there is enough.
    private func isInOrder(_ line: String) -> Bool { line == "SCAN t" && !isSorted }

    /// Whether more is sorted than pages that were cut off already.
    var isSorted: Bool {
        switch engine {
        case .sqlite: return lines.contains { $0.contains("TEMP B-TREE") }
        case .postgres:
            return lines.indices.contains { index in
                guard lines[index].contains("Sort  (") else { return false }
                let below = lines[index...].dropFirst().filter { $0.contains("->") }.prefix(2)
                return !(below.first?.contains("Append") == true && below.last?.contains("Limit") == true)
            }
        }
    }

    /// Whether it goes along this index, given PostgreSQL's name of it.
    func uses(_ index: String) -> Bool {
        let primary = index.hasSuffix("_pkey") ? "sqlite_autoindex_\(index.dropLast(5))_1" : index
        // A table that is its own key is found along "PRIMARY KEY" in SQLite.
        if engine == .sqlite, index == "tickets_by_change_pkey" { return lines.contains { $0.hasPrefix("SEARCH g USING PRIMARY KEY") } }
        let names = ["INDEX \(primary) ", "INDEX \(index) ", " using \(index) ", "Bitmap Index Scan on \(index) "]
        return lines.contains { line in names.contains { line.contains($0) } }
    }
}

extension TestDesk {
    /// How many pages of its tables PostgreSQL looks at to answer a question. They are the same every time, as times are not.
    func pagesRead(for question: SQL) async throws -> Int {
        let lines = try await database.read { db in
            // The first time looks at what is known of the tables, too.
            _ = try await db.all("EXPLAIN (ANALYZE, BUFFERS, TIMING FALSE) \(question)") { $0.text(at: 0) }
            return try await db.all("EXPLAIN (ANALYZE, BUFFERS, TIMING FALSE) \(question)") { $0.text(at: 0) }
        }
        // The first line of its kind is the whole's: "Buffers: shared hit=12 read=3".
        guard let line = lines.first(where: { $0.contains("Buffers: shared") }) else { return 0 }
        return line.split(separator: " ").compactMap { word in
            word.hasPrefix("hit=") || word.hasPrefix("read=") ? Int(word.drop { $0 != "=" }.dropFirst()) : nil
        }.reduce(0, +)
    }

    /// Enough rows, and what is known of them, for PostgreSQL to plan as it does in earnest; a tenth of the tickets are the other
    /// customer's. SQLite plans by the schema alone.
    func fillForPlans() async throws {
        guard database.engine == .postgres else { return }
        try await database.write { db in try await db.script(Self.rows) }
    }

    // Its tables are named: other tests have theirs in the same database, and two ANALYZE of all wait for each other.
    // No trigger fires: each row's words would be looked at anew, and they are always the same.
    private static let rows = """
        SET LOCAL session_replication_role = replica;
        INSERT INTO people (id, origin, email, email_key, username, username_key, first_name, last_name, name, role, support_role,
            is_active, is_available, is_verified, totp_confirmed, totp_last_step, open_tickets, created_at, updated_at, revision)
        SELECT gen_random_uuid(), 'account', n || '@x', n || '@x', NULL, NULL, 'A', 'B', 'A B', 'customer', 'general', true, true, true,
            false, 0, 0, n, n, 1 FROM generate_series(1, 3000) n;
        INSERT INTO tickets (id, title, description, status, priority, category, type, tags, requester_id, assignee_id, support_role,
            channel, embed_token, created_at, revision, comment_count, updated_at, shown_revision, shown_comment_count, shown_updated_at)
        SELECT gen_random_uuid(), 'title', repeat('words ', 40),
            (ARRAY['open', 'in_progress', 'pending', 'resolved', 'closed', 'closed', 'closed', 'closed'])[1 + n % 8], 1 + n % 4,
            'category ' || n % 20, NULL, '[]', p.id, CASE WHEN n % 3 = 0 THEN a.id END, 'general', 'api', gen_random_uuid(),
            n * 1000, 1, 0, n * 1000 + n % 7 * 100000, 1, 0, n * 1000 + n % 5 * 100000
        FROM generate_series(1, 40000) n
        JOIN (SELECT id, row_number() OVER (ORDER BY created_at DESC, username) r FROM people WHERE role = 'customer') p ON p.r = CASE WHEN n % 10 = 0 THEN 1 ELSE 1 + n * 7 % 3000 END
        JOIN (SELECT id, row_number() OVER () r FROM people WHERE role = 'agent') a ON a.r = 1 + n % 2;
        INSERT INTO tickets_by_change SELECT status, updated_at, number FROM tickets;
        INSERT INTO ticket_tags SELECT 'tag ' || number % 30, created_at, number FROM tickets;
        INSERT INTO ticket_search (number, vector)
        SELECT number, CAST('titl:1A word:2C' AS tsvector) || array_to_tsvector(search_parts(number) || search_scope(requester_id))
        FROM tickets;
        INSERT INTO comments (seq, id, ticket_id, author_id, content, is_private, created_at, updated_at, deleted_at, revision, links, vector)
        OVERRIDING SYSTEM VALUE
        SELECT n.seq, gen_random_uuid(), id, requester_id, repeat('words ', 20), false, created_at + c, created_at, NULL, 1, '[]',
            CAST('word:1' AS tsvector) || array_to_tsvector(search_parts(n.seq) || search_scope(requester_id))
        FROM tickets, generate_series(1, 2) c, LATERAL (SELECT number * 2 + c AS seq) n;
        INSERT INTO events (id, type, at, actor_id, ticket_id, object_id, is_private, data, changes)
        SELECT gen_random_uuid(), 'ticket.created', created_at, requester_id, id, id, false, repeat('words ', 40), '{}'
        FROM tickets;
        INSERT INTO notifications (id, person_id, reason, ticket_id, comment_id, is_private, actor_id, created_at, read_at)
        SELECT gen_random_uuid(), CASE WHEN t.number % 50 = 0 THEN a.id ELSE t.requester_id END, 'replied', t.id, NULL, false, NULL, t.created_at,
            CASE WHEN t.number / 50 % 10 <> 0 THEN t.created_at END
        FROM tickets t, generate_series(1, 2) n, (SELECT id FROM people WHERE role = 'agent' ORDER BY id LIMIT 1) a;
        INSERT INTO articles (id, slug, title, title_key, content, category, category_slug, tags, is_published, author_id, view_count,
            helpful, unhelpful, created_at, updated_at, revision)
        SELECT gen_random_uuid(), 'slug-' || n, 'title', 'title', repeat('words ', 40), NULL, 'other', '[]', n % 2 = 0, a.id, 0, 0, 0, n, n, 1
        FROM generate_series(1, 2000) n, (SELECT id FROM people WHERE role = 'agent' LIMIT 1) a;
        SET LOCAL session_replication_role = origin;
        ANALYZE people, tickets, tickets_by_change, ticket_tags, ticket_search, comments, events, notifications, articles;
        """
}
