import Loop
import Testing

@testable import API

/// What several nodes count with, without a network between them.
private final class Server: Sendable {
    struct State {
        var sums: [String: Int] = [:]
        var asked = 0
        var isThere = true
    }
    let state = Locked(State())

    func node() -> SharedCounts {
        SharedCounts(wake: {}) { [self] additions, done in
            let sums: [Int]? = state.withLock { state in
                state.asked += 1
                guard state.isThere else { return nil }
                return additions.map { addition in
                    state.sums["\(addition.key) \(addition.minute)", default: 0] += addition.amount
                    return state.sums["\(addition.key) \(addition.minute)", default: 0]
                }
            }
            done(sums)
        }
    }

    var asked: Int { state.withLock { $0.asked } }
}

@Suite("Counts of all nodes") struct SharedCountsTests {
    @Test("a small limit holds to the very request, whichever node is asked")
    func exact() async {
        let server = Server()
        let nodes = [server.node(), server.node(), server.node()]
        var counts: [Int] = []
        for number in 0..<12 { counts.append(await nodes[number % 3].count("anna", of: 10, at: 0)) }
        #expect(counts == Array(1...12))
    }

    @Test("a node that has not seen the caller in this minute knows what the others have let through")
    func firstElsewhere() async {
        let server = Server()
        let (one, two) = (server.node(), server.node())
        for number in 1...10 { #expect(await one.count("anna", of: 10, at: 0) == number) }
        #expect(await two.count("anna", of: 10, at: 0) == 11)
        #expect(await two.count("ben", of: 10, at: 0) == 1)
    }

    @Test("far from the limit nobody waits, and near it all that was counted counts")
    func large() async {
        let server = Server()
        let (one, two) = (server.node(), server.node())
        for _ in 0..<300 { _ = await one.count("anna", of: 600, at: 0) }
        #expect(server.asked == 1)
        one.settle()
        #expect(server.asked == 2 && server.state.withLock { $0.sums } == ["anna 0": 300])
        #expect(await two.count("anna", of: 600, at: 0) == 301)
        for number in 302...601 { #expect(await two.count("anna", of: 600, at: 0) == number) }
        #expect(await one.count("anna", of: 600, at: 0) >= 301)
    }

    @Test("who is over the limit is refused without the server being asked again")
    func over() async {
        let server = Server()
        let node = server.node()
        for _ in 0..<4 { _ = await node.count("anna", of: 3, at: 0) }
        let asked = server.asked
        for _ in 0..<100 { #expect(await node.count("anna", of: 3, at: 0) > 3) }
        node.settle()
        #expect(server.asked == asked)
    }

    @Test("each minute begins anew")
    func minutes() async {
        let server = Server()
        let (one, two) = (server.node(), server.node())
        for _ in 0..<5 { _ = await one.count("anna", of: 3, at: 59_999) }
        #expect(await one.count("anna", of: 3, at: 60_000) == 1)
        #expect(await two.count("anna", of: 3, at: 60_000) == 2)
    }

    @Test("without the server each node counts for itself, on top of what it knew; with it they count together again")
    func away() async {
        let server = Server()
        let (one, two) = (server.node(), server.node())
        for number in 1...4 { #expect(await (number % 2 == 0 ? one : two).count("anna", of: 10, at: 0) == number) }
        server.state.withLock { ($0.isThere, $0.sums) = (false, [:]) }
        #expect(await one.count("anna", of: 10, at: 0) == 5)
        #expect(await two.count("anna", of: 10, at: 0) >= 4)
        #expect(await two.count("ben", of: 10, at: 0) == 1)
        server.state.withLock { $0.isThere = true }
        // The server has lost its memory: what a node knew still counts there.
        #expect(await one.count("anna", of: 10, at: 0) == 6)
        #expect(await two.count("ben", of: 10, at: 0) == 2)
    }

    @Test("with more keys than there is room for, those that come later are counted here")
    func manyKeys() async {
        let server = Server()
        let node = server.node()
        for number in 0..<SharedCounts.mostKeys { _ = await node.count("\(number)", of: 10, at: 0) }
        let asked = server.asked
        for number in 1...5 { #expect(await node.count("late", of: 10, at: 0) == number) }
        #expect(server.asked == asked)
    }

    @Test(
        "whatever the server says a sum is, counting goes on, and the caller is counted at least here",
        arguments: [Int.max, Int.min, Int.max - 1, -1, 0, SharedCounts.largestSum + 1])
    func absurdSums(sum: Int) async {
        let asked = Locked(0)
        let node = SharedCounts(wake: {}) { additions, done in
            asked.withLock { $0 += 1 }
            done(additions.map { _ in sum })
        }
        for _ in 0..<700 {
            let count = await node.count("anna", of: 600, at: 0)
            #expect((1...2 * SharedCounts.largestSum).contains(count))
            node.settle()
        }
        #expect(asked.withLock { $0 } > 0)
        let last = await node.count("anna", of: 600, at: 0)
        #expect(last > 600)
    }

    @Test("an answer with too few sums, or too many, is none", arguments: [[], [1, 2, 3]])
    func wrongLength(sums: [Int]) async {
        let node = SharedCounts(wake: {}) { _, done in done(sums) }
        for number in 1...5 { #expect(await node.count("anna", of: 3, at: 0) == number) }
    }
}
