internal import Domain

/// Who is at which ticket, on all nodes, as this one knows it.
///
/// Each node keeps its own people and tells the others of each who comes and leaves. Now and then it calls the whole roll, so that what
/// was lost on the way comes right, and a node that has not done so for a while counts as dead and its people as gone. That costs a
/// message of some hundred bytes for each person and ticket every few seconds, and needs nothing that is kept between the nodes.
struct Attendances {
    /// A node that was silent for so long is dead. Three rolls may be lost.
    static let patience = 30_000
    /// Whoever can write to Redis can name nodes. More than that are passed over.
    static let mostNodes = 256

    private struct Own {
        var name: String
        /// By how many sessions.
        var count: Int
    }

    private struct Node {
        var people: [Ticket.ID: [Person.ID: String]] = [:]
        var heardAt: Moment
    }

    private var own: [Ticket.ID: [Person.ID: Own]] = [:]
    private var nodes: [String: Node] = [:]

    /// Who changed from being nowhere to somewhere, or the reverse.
    struct Change: Equatable {
        let who: Attendance
        let isThere: Bool
    }

    // MARK: - On this node

    /// One more session of theirs. Says whether it is the first here, and whether it is the first anywhere.
    mutating func come(_ who: Attendance) -> (isNewHere: Bool, isNew: Bool) {
        let wasThere = isThere(who)
        let isNewHere = own[who.ticket]?[who.person] == nil
        own[who.ticket, default: [:]][who.person, default: Own(name: who.name, count: 0)].count += 1
        return (isNewHere, !wasThere)
    }

    /// One less. Says whether it was the last here, and whether it was the last anywhere.
    mutating func leave(_ who: Attendance) -> (wasLastHere: Bool, wasLast: Bool) {
        guard var entry = own[who.ticket]?[who.person] else { return (false, false) }
        entry.count -= 1
        own[who.ticket]?[who.person] = entry.count == 0 ? nil : entry
        if own[who.ticket]?.isEmpty == true { own[who.ticket] = nil }
        return (entry.count == 0, !isThere(who))
    }

    /// All who are there on this node, or as many as may be told.
    func roll() -> [Attendance] {
        let all = own.lazy.flatMap { ticket, people in people.map { Attendance(ticket: ticket, person: $0.key, name: $0.value.name) } }
        return Array(all.prefix(NodeNotice.mostPeople))
    }

    // MARK: - Anywhere

    /// Everybody at a ticket, each once.
    func people(at ticket: Ticket.ID) -> [Attendance] {
        var names = (own[ticket] ?? [:]).mapValues(\.name)
        for node in nodes.values { names.merge(node.people[ticket] ?? [:]) { mine, _ in mine } }
        return names.map { Attendance(ticket: ticket, person: $0.key, name: $0.value) }
    }

    private func isThere(_ who: Attendance) -> Bool {
        own[who.ticket]?[who.person] != nil || nodes.values.contains { $0.people[who.ticket]?[who.person] != nil }
    }

    // MARK: - On other nodes

    /// Somebody came to another node, or left it.
    mutating func note(_ who: Attendance, isThere: Bool, on node: String, at now: Moment) -> [Change] {
        guard isKnownOrFits(node) else { return [] }
        let before = self.isThere(who)
        nodes[node, default: Node(heardAt: now)].heardAt = now
        nodes[node]?.people[who.ticket, default: [:]][who.person] = isThere ? who.name : nil
        if nodes[node]?.people[who.ticket]?.isEmpty == true { nodes[node]?.people[who.ticket] = nil }
        return self.isThere(who) == before ? [] : [Change(who: who, isThere: isThere)]
    }

    /// Another node has called its roll.
    mutating func take(roll: [Attendance], of node: String, at now: Moment) -> [Change] {
        guard isKnownOrFits(node) else { return [] }
        var fresh = Node(heardAt: now)
        for who in roll { fresh.people[who.ticket, default: [:]][who.person] = who.name }
        return replace(node, by: fresh)
    }

    private func isKnownOrFits(_ node: String) -> Bool { nodes[node] != nil || nodes.count < Self.mostNodes }

    /// Forgets the nodes that have been silent for too long.
    mutating func forgetSilent(at now: Moment) -> [Change] {
        let dead = nodes.filter { now.milliseconds - $0.value.heardAt.milliseconds > Self.patience }
        return dead.keys.flatMap { replace($0, by: nil) }
    }

    private mutating func replace(_ name: String, by fresh: Node?) -> [Change] {
        let (old, new) = (Self.all(of: nodes[name]), Self.all(of: fresh))
        nodes[name] = nil
        // With neither in place, whoever is not somewhere else came or left by this.
        let came = new.filter { old[$0.key] == nil && !isThere($0.value) }.values
        let left = old.filter { new[$0.key] == nil && !isThere($0.value) }.values
        nodes[name] = fresh
        return came.map { Change(who: $0, isThere: true) } + left.map { Change(who: $0, isThere: false) }
    }

    /// Somebody at a ticket, whatever they are called.
    private struct Place: Hashable {
        let ticket: Ticket.ID
        let person: Person.ID
    }

    private static func all(of node: Node?) -> [Place: Attendance] {
        var all: [Place: Attendance] = [:]
        for (ticket, people) in node?.people ?? [:] {
            for (person, name) in people {
                all[Place(ticket: ticket, person: person)] = Attendance(ticket: ticket, person: person, name: name)
            }
        }
        return all
    }
}
