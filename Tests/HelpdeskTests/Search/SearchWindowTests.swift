import Testing

@testable import Helpdesk

@Suite("How far back a search looks") struct SearchWindowTests {
    @Test("the first look is over the newest parts, and over everything where there is little")
    func first() {
        #expect(SearchWindow.newest(below: 1_000_001) == SearchWindow(words: ["'e 60'", "'e 61'"], start: 60 << 14))
        #expect(SearchWindow.newest(below: 20_000) == .all)
        #expect(SearchWindow.newest(below: 0) == .all)
    }

    @Test("the next is behind it, and holds as many as are wanted still, but no more than a look should find")
    func next() {
        let first = SearchWindow.newest(below: 5_000_001)
        #expect(first == SearchWindow(words: ["'e 304'", "'e 305'"], start: 304 << 14))
        let rest = first.next(below: 5_000_001, found: 80, wanted: 20)
        #expect(rest == SearchWindow(words: ["'e 303'"], start: 303 << 14))
        let most = first.next(below: 5_000_001, found: 20, wanted: 80)
        #expect(most.words == ["'e 300'", "'e 301'", "'e 302'", "'e 303'"] && most.start == 300 << 14)
    }

    @Test("where little is found the next goes through larger parts, and then through everything")
    func leaps() {
        let far = SearchWindow.newest(below: 5_000_001).next(below: 5_000_001, found: 0, wanted: 100)
        #expect(far.words == ["'f 8'", "'f 9'"] && far.start == 8 << 19)
        #expect(far.next(below: 5_000_001, found: 0, wanted: 100) == .all)
    }

    @Test("each look goes further back than the last, and one of them goes through everything", arguments: [0, 1, 10, 50, 99])
    func ends(found: Int) {
        for top in [100_000, 1_000_000, 50_000_000, 2_000_000_000] {
            var window = SearchWindow.newest(below: top)
            var looks = 1
            while window != .all, looks < 60 {
                let next = window.next(below: top, found: found, wanted: 100 - found)
                #expect(next.start < window.start)
                window = next
                looks += 1
            }
            #expect(window == .all)
        }
    }
}
