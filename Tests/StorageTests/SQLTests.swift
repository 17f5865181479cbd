import Storage
import Testing

@Suite("SQL") struct SQLTests {
    @Test("a literal is its text")
    func literal() {
        let sql: SQL = "SELECT 1"
        #expect(sql.text == "SELECT 1")
        #expect(sql.values.isEmpty)
    }

    @Test("each value becomes a parameter, numbered by appearance")
    func numbering() {
        let name = "Ada; DROP TABLE person"
        let sql: SQL = "SELECT \(name), \(7), \(true), \(1.5), \([1, 2] as [UInt8]), \(Value.uuid(9))"
        #expect(sql.text == "SELECT $1, $2, $3, $4, $5, $6")
        #expect(sql.values == [.text(name), .integer(7), .boolean(true), .real(1.5), .bytes([1, 2]), .uuid(9)])
    }

    @Test("an absent value keeps its kind")
    func typedNull() {
        let nobody: String? = nil
        let somebody: Int? = 3
        let sql: SQL = "\(nobody) \(somebody) \(Bool?.none)"
        #expect(sql.values == [.null(.text), .integer(3), .null(.boolean)])
    }

    @Test("a part brings its values along, and all are numbered anew")
    func composition() {
        let isOpen: SQL = "status = \("open")"
        let isMine: SQL = "owner = \(5)"
        let both = [isOpen, isMine, ""].joined(by: " AND ")
        let sql: SQL = "SELECT \(1) WHERE \(both) LIMIT \(20)"
        #expect(sql.text == "SELECT $1 WHERE status = $2 AND owner = $3 LIMIT $4")
        #expect(sql.values == [.integer(1), .text("open"), .integer(5), .integer(20)])
    }

    @Test("conditions of which none applies are empty")
    func noConditions() {
        #expect(([] as [SQL]).joined(by: " AND ").isEmpty)
        #expect((["", ""] as [SQL]).joined(by: " AND ").isEmpty)
        #expect(!("x" as SQL).isEmpty)
    }

    @Test("a list has a parameter for each element, and an empty one is a question with no answer")
    func list() {
        #expect(SQL("id IN \(list: [4])").text == "id IN ($1)")
        #expect(SQL("id IN \(list: [4, 5])").text == "id IN ($1, $2)")
        let three: SQL = "id IN \(list: [4, 5, 6])"
        #expect(three.text == "id IN ($1, $2, $3, $4)" && three.unnumberedText == "id IN (?, ?, ?, ?)")
        #expect(three.values == [.integer(4), .integer(5), .integer(6), .integer(6)])
        #expect(SQL("\(list: Array(0..<4097))").values.count == 4097)
        let none: SQL = "id IN \(list: [] as [String])"
        #expect(none.text == "id IN (SELECT CAST(NULL AS text) WHERE FALSE)")
        #expect(none.values.isEmpty)
    }

    @Test("rows are written in parts of a power of two, in order, each once", arguments: [0, 1, 7, 8, 9, 100, 129])
    func parts(count: Int) {
        let parts = Array(0..<count).inParts(ofAtMost: 32)
        #expect(parts.flatMap { $0 } == Array(0..<count))
        #expect(parts.allSatisfy { $0.count.nonzeroBitCount == 1 && $0.count <= 32 })
        #expect(parts.count <= count / 32 + 5)
    }

    @Test("one place in the source has one key, whatever the values")
    func sameKey() {
        func ask(_ id: Int) -> SQL { "SELECT title FROM ticket WHERE id = \(id)" }
        #expect(ask(1).key == ask(2).key)
        #expect(ask(1).key.hashValue == ask(2).key.hashValue)
    }

    @Test("other literals, other kinds and another order are other keys")
    func otherKeys() {
        func ask<V: ValueConvertible>(_ value: V) -> SQL { "SELECT \(value)" }
        func two(_ first: SQL, _ second: SQL) -> SQL { "\(first)\(second)" }
        #expect(ask(1).key != ask("1").key)
        #expect(ask(Int?.none).key == ask(1).key)
        #expect(("SELECT 1" as SQL).key != ("SELECT 2" as SQL).key)
        #expect(two("a", "b").key != two("b", "a").key)
        func among(_ numbers: [Int]) -> SQL { "IN \(list: numbers)" }
        #expect(among([1]).key != among([1, 2]).key)
        #expect(among([1, 2, 3]).key == among([1, 2, 3, 4]).key)
    }
}
