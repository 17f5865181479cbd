internal import Storage

extension SliceRequest {
    /// The end of a question for this slice and one row more. The number is a literal: with a parameter in its place PostgreSQL plans
    /// for a tenth of the table, and sorts it.
    var room: SQL {
        let limit: SQL = self.limit <= 20 ? " LIMIT 21" : self.limit <= 50 ? " LIMIT 51" : self.limit <= 100 ? " LIMIT 101" : " LIMIT 1001"
        return offset > 0 ? "\(limit) OFFSET \(offset)" : limit
    }
}
