import Codec
import Domain
import Helpdesk
import Testing

/// What clients may call roles, statuses, priorities and kinds of comments, beside the names that we give them.
@Suite("Words") struct WordsTests {
    private static func read<Item: Word>(_ text: String, as _: Item.Type) -> Item? {
        try? Kind<Item>.word(Item.self).read(text: text, at: "")
    }

    @Test(
        "a role",
        arguments: [
            ("guest", Role.guest), ("TEMP_USER", .guest), ("customer", .customer), ("user", .customer), ("User", .customer),
            ("AGENT", .agent), ("csr", .agent), ("Admin", .admin),
        ])
    func roles(text: String, role: Role) { #expect(Self.read(text, as: Role.self) == role) }

    @Test(
        "a status",
        arguments: [
            ("open", Status.open), ("OPEN", .open), ("in_progress", .inProgress), ("In Progress", .inProgress),
            ("in-progress", .inProgress),
            ("Pending", .pending), ("resolved", .resolved), ("CLOSED", .closed),
        ])
    func statuses(text: String, status: Status) { #expect(Self.read(text, as: Status.self) == status) }

    @Test(
        "a priority",
        arguments: [
            ("low", Priority.low), ("Medium", .medium), ("normal", .medium), ("HIGH", .high), ("urgent", .urgent), ("Critical", .urgent),
        ])
    func priorities(text: String, priority: Priority) { #expect(Self.read(text, as: Priority.self) == priority) }

    @Test(
        "a tier",
        arguments: [
            ("General", SupportRole.general), ("technical", .technical), ("MANAGER", .manager), ("admin", .admin),
        ])
    func tiers(text: String, tier: SupportRole) { #expect(Self.read(text, as: SupportRole.self) == tier) }

    @Test("a kind of comment", arguments: [("public", CommentType.public), ("Private", .private), ("internal", .private)])
    func commentTypes(text: String, type: CommentType) { #expect(Self.read(text, as: CommentType.self) == type) }

    @Test(
        "what is none is refused, look-alikes too", arguments: ["", "opened", " open", "open ", "in__progress", "ｏｐｅｎ", "op\u{435}n", "0"])
    func none(text: String) { #expect(Self.read(text, as: Status.self) == nil) }

    @Test("every word is written as it is read") func written() {
        func isRead<Item: Word & Equatable>(_: Item.Type) -> Bool {
            Item.allCases.allSatisfy { Self.read($0.rawValue, as: Item.self) == $0 }
        }
        #expect(isRead(Role.self) && isRead(Status.self) && isRead(Priority.self) && isRead(SupportRole.self) && isRead(CommentType.self))
    }
}
