import Codec
import Domain
import Testing

@testable import Helpdesk

@Suite("Who is at which ticket, on all nodes") struct AttendancesTests {
    let ticket = Ticket.ID(1)
    let now = Moment(1_000_000)
    var anna: Attendance { Attendance(ticket: ticket, person: Person.ID(10), name: "Anna") }
    var ben: Attendance { Attendance(ticket: ticket, person: Person.ID(11), name: "Ben") }

    @Test("somebody is there from their first session to their last")
    func sessions() {
        var all = Attendances()
        #expect(all.come(anna) == (true, true))
        #expect(all.come(anna) == (false, false))
        #expect(all.people(at: ticket) == [anna] && all.roll() == [anna])
        #expect(all.leave(anna) == (false, false))
        #expect(all.leave(anna) == (true, true))
        #expect(all.people(at: ticket).isEmpty && all.roll().isEmpty)
        #expect(all.leave(anna) == (false, false))
    }

    @Test("whoever is on two nodes came once, and leaves once")
    func twoNodes() {
        var all = Attendances()
        #expect(all.note(anna, isThere: true, on: "b", at: now) == [.init(who: anna, isThere: true)])
        #expect(all.come(anna) == (true, false))
        #expect(all.people(at: ticket) == [anna])
        #expect(all.note(anna, isThere: false, on: "b", at: now).isEmpty)
        #expect(all.note(anna, isThere: true, on: "c", at: now).isEmpty)
        #expect(all.leave(anna) == (true, false))
        #expect(all.note(anna, isThere: false, on: "c", at: now) == [.init(who: anna, isThere: false)])
        #expect(all.people(at: ticket).isEmpty)
    }

    @Test("a roll makes good what was lost on the way, both who came and who left")
    func roll() {
        var all = Attendances()
        _ = all.note(anna, isThere: true, on: "b", at: now)
        let changes = all.take(roll: [ben], of: "b", at: now)
        #expect(
            changes.contains(.init(who: ben, isThere: true)) && changes.contains(.init(who: anna, isThere: false)) && changes.count == 2)
        #expect(all.people(at: ticket) == [ben])
        #expect(all.take(roll: [ben], of: "b", at: now).isEmpty)
        #expect(all.roll().isEmpty)
    }

    @Test("a roll of somebody who is elsewhere too, or has another name now, changes nothing")
    func quietRoll() {
        var all = Attendances()
        _ = all.come(anna)
        #expect(all.take(roll: [anna], of: "b", at: now).isEmpty)
        #expect(all.take(roll: [], of: "b", at: now).isEmpty)
        _ = all.take(roll: [ben], of: "b", at: now)
        var renamed = ben
        renamed.name = "Benjamin"
        #expect(all.take(roll: [renamed], of: "b", at: now).isEmpty)
        #expect(Set(all.people(at: ticket).map(\.name)) == ["Anna", "Benjamin"])
    }

    @Test("the people of a node that has been silent for half a minute are gone, and those of another stay")
    func silence() {
        var all = Attendances()
        _ = all.take(roll: [anna], of: "b", at: now)
        _ = all.take(roll: [ben], of: "c", at: now)
        #expect(all.forgetSilent(at: now.adding(seconds: 30)).isEmpty)
        _ = all.take(roll: [ben], of: "c", at: now.adding(seconds: 20))
        #expect(all.forgetSilent(at: now.adding(seconds: 31)) == [.init(who: anna, isThere: false)])
        #expect(all.people(at: ticket) == [ben])
    }

    @Test("a notice is read as it was written, and one of another kind is not")
    func notices() throws {
        let notice = NodeNotice(node: "a", kind: .came, people: [anna, ben])
        #expect(try NodeNotice.shape.read(json: JSON.bytes(of: notice)) == notice)
        #expect(throws: Faults.self) { try NodeNotice.shape.read(json: Array(#"{"node":"a","kind":"dance"}"#.utf8)) }
    }
}
