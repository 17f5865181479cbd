import Testing

@testable import Helpdesk

@Suite("How far back a search looks") struct SearchWindowTests {
    @Test("the first look is at the newest rows one by one, and the only one where there are no more")
    func first() {
        #expect(SearchWindow.newest(below: 1_000_001) == SearchWindow(start: 999_489, isRowByRow: true))
        #expect(SearchWindow.newest(below: 500) == SearchWindow(start: 0, isRowByRow: true))
        #expect(SearchWindow.newest(below: 0) == SearchWindow(start: 0, isRowByRow: true))
    }

    @Test("the next is behind it, and holds as many as are wanted still, but no more than a look should find")
    func next() {
        let first = SearchWindow.newest(below: 5_000_001)
        let rest = first.next(below: 5_000_001, found: 80, wanted: 20)
        #expect(rest == SearchWindow(start: first.start - 211, isRowByRow: true))
        let most = first.next(below: 5_000_001, found: 4, wanted: 96)
        #expect(most == SearchWindow(words: ["'e 304'", "'e 305'"], start: 304 << 14))
    }

    @Test("where little is found the next goes through larger parts, and then through everything")
    func leaps() {
        var window = SearchWindow.newest(below: 5_000_001)
        var parts: [Character?] = []
        while window != .all {
            window = window.next(below: 5_000_001, found: 0, wanted: 100)
            parts.append(window.words.first?.dropFirst().first)
        }
        #expect(parts == ["e", "f", nil])
    }

    @Test("each look goes further back than the last, and one of them goes through everything", arguments: [0, 1, 10, 50, 99])
    func ends(found: Int) {
        for top in [100_000, 1_000_000, 50_000_000, 2_000_000_000] {
            var window = SearchWindow.newest(below: top)
            var looks = 1
            while window.start > 0, looks < 60 {
                let next = window.next(below: top, found: found, wanted: 100 - found)
                #expect(next.start < window.start)
                window = next
                looks += 1
            }
            #expect(window.start == 0)
        }
    }
}
