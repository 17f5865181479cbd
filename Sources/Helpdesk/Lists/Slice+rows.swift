internal import Storage

// Pages of long texts. A page's rows may be a hundred texts of 256 KiB: so they are read up to the slice's bytes, and no further.

extension Connection {
    /// The rows of a slice that asks for them in order, up to its bytes and one row more.
    ///
    /// SQLite steps over what lies behind that without taking it up. PostgreSQL sends all that it finds, so it is asked for no more: see
    /// `SliceRequest.bound`.
    func rows<Item>(
        _ sql: SQL, _ slice: SliceRequest, size: (Item) -> Int, _ read: (inout Row) -> Item
    ) async throws(StorageFault) -> [Item] {
        var items: [Item] = []
        var bytes = 0
        let isInOrder = engine == .sqlite
        _ = try await all(sql) { row throws(StorageFault) in
            // A row that is too long by itself is given all the same, so there is one row more to be seen behind it.
            if isInOrder, bytes > slice.bytes, items.count > 1 { return }
            let item = read(&row)
            bytes += size(item)
            items.append(item)
        }
        return items
    }
}

extension SliceRequest {
    /// A question for the slice's rows in their order, as PostgreSQL has to be asked it where they may have more bytes than there is room for: it
    /// gives no more rows than fit, and one that does not. No text is read for that: PostgreSQL knows the lengths from where they are kept.
    ///
    /// - Parameters:
    ///   - size: the length of one row's texts, in terms of `q`: such as `octet_length(q.content)`.
    ///   - order: the list's order in terms of `q`.
    ///   - longest: how many bytes the texts of one row may have. A usual page's rows are few enough to be asked for as they are.
    func bound(_ rows: SQL, size: SQL, in order: SQL, longest: Int = SliceRequest.longestText, on engine: Engine) -> SQL {
        guard engine == .postgres, limit * longest > Self.mostUnmeasured else { return rows }
        // A row that is too long by itself is given all the same, so there is one row more to be seen behind it.
        let room = max(bytes, longest)
        return """
            SELECT * FROM (
                SELECT q.*, sum(\(size)) OVER (ORDER BY \(order)) - (\(size)) AS bytes_before FROM (\(rows)) q) q
            WHERE q.bytes_before <= \(room) ORDER BY \(order)
            """
    }
}
