import Storage
import Testing

@Suite("Turns of those who wait") struct TurnQueueTests {
    private let anna = ScanOwner.person(1)
    private let ben = ScanOwner.person(2)
    private let cleo = ScanOwner.network(1)

    @Test("owners take turns, whoever asked first and most, and each has one place at a time")
    func turns() {
        var queue = TurnQueue<String>(bound: 100, boundEach: 10)
        for name in ["a1", "a2", "a3"] { #expect(queue.add(name, of: anna) == true) }
        for name in ["b1", "b2"] { #expect(queue.add(name, of: ben) == true) }
        #expect(queue.add("c1", of: cleo) == true)
        #expect(queue.next()?.item == "a1" && queue.next()?.item == "b1" && queue.next()?.item == "c1")
        #expect(queue.next() == nil && queue.count == 3 && !queue.mayBegin(anna) && queue.mayBegin(.person(9)))
        queue.finish(ben)
        #expect(queue.next()?.item == "b2" && queue.next() == nil)
        queue.finish(anna)
        #expect(queue.next()?.item == "a2")
        queue.finish(anna)
        #expect(queue.next()?.item == "a3" && queue.count == 0)
    }

    @Test("the server's own are not held up by one another, and take their turns among the others")
    func server() {
        var queue = TurnQueue<Int>(bound: 100, boundEach: 2)
        for number in 0..<4 { #expect(queue.add(number, of: .server) == true) }
        #expect(queue.add(10, of: anna) == true)
        #expect([queue.next(), queue.next(), queue.next()].map { $0?.item } == [0, 10, 1])
        #expect([queue.next(), queue.next()].map { $0?.item } == [2, 3])
    }

    @Test("one owner may have so many waiting, all of them so many")
    func bounds() {
        var queue = TurnQueue<Int>(bound: 5, boundEach: 3)
        #expect((0..<5).map { queue.add($0, of: anna) } == [true, true, true, false, false])
        #expect((0..<3).map { queue.add($0, of: ben) } == [true, true, false] && queue.isFull)
        #expect(queue.add(0, of: .server) == false)
        _ = queue.next()
        #expect(queue.add(0, of: cleo) == true)
    }

    @Test("who is taken out leaves the turns of the others as they were")
    func remove() {
        var queue = TurnQueue<String>(bound: 100, boundEach: 10)
        for (name, owner) in [("a1", anna), ("b1", ben), ("b2", ben), ("c1", cleo)] { #expect(queue.add(name, of: owner) == true) }
        #expect(queue.earliest { $0 } == "a1")
        #expect(queue.remove { $0 == "a1" || $0 == "b1" }.sorted() == ["a1", "b1"])
        #expect(queue.count == 2 && queue.next()?.item == "b2" && queue.next()?.item == "c1" && !queue.hasNext)
        queue.finish(ben)
        queue.finish(cleo)
        #expect(queue.mayBegin(ben) && queue.next() == nil && queue.earliest { $0 } == nil)
    }

    @Test("in whatever order owners come, wait, end and go, every item comes out once, and never two of an owner at a time")
    func any() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var queue = TurnQueue<Int>(bound: 1000, boundEach: 1000)
            var (running, waiting, came): ([ScanOwner], Set<Int>, Int) = ([], [], 0)
            for step in 0..<200 {
                switch Int.random(in: 0..<4, using: &random) {
                case 0, 1:
                    #expect(queue.add(step, of: .person(UInt128(Int.random(in: 0..<5, using: &random)))) == true)
                    waiting.insert(step)
                case 2:
                    guard let (item, owner) = queue.next() else { continue }
                    #expect(!running.contains(owner) && waiting.remove(item) != nil)
                    running.append(owner)
                    came += 1
                default:
                    if let owner = running.popLast() { queue.finish(owner) }
                }
                #expect(queue.count == waiting.count)
            }
            while !waiting.isEmpty {
                if let (item, owner) = queue.next() {
                    waiting.remove(item)
                    running.append(owner)
                } else {
                    queue.finish(running.removeFirst())
                }
            }
        }
    }
}
