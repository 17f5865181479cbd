internal import Domain

/// Somebody of the demo.
struct DemoPerson {
    let draft: PersonDraft
    let password: String

    /// Where each stands in `all`.
    static let (alice, bob, carol) = (0, 1, 2)

    static let all = [
        DemoPerson("alice", "Alice", "Archer", .customer), DemoPerson("bob", "Bob", "Baker", .agent),
        DemoPerson("carol", "Carol", "Cook", .admin),
    ]

    private init(_ username: String, _ firstName: String, _ lastName: String, _ role: Role) {
        var draft = PersonDraft()
        (draft.email, draft.username) = ("\(username)@example.com", username)
        (draft.firstName, draft.lastName) = (firstName, lastName)
        (draft.role, draft.isVerified) = (role, true)
        self.draft = draft
        password = "\(username)123"
    }
}

/// A ticket of the demo, opened by its customer.
struct DemoTicket {
    let title: String
    let description: String
    var priority = Priority.medium
    var category: String?
    var tags: [String] = []
    /// Whether the admin gave it to the agent.
    var isTaken = false
    /// Who said what, as places in `DemoPerson.all`.
    var comments: [(who: Int, content: String, type: CommentType)] = []

    static let all = [
        DemoTicket(
            title: "Cannot sign in since this morning", description: "It says **Invalid credentials**, and I changed nothing.",
            priority: .high, category: "authentication", tags: ["login"], isTaken: true,
            comments: [
                (DemoPerson.bob, "Good morning! Does it help to set a new password by *Forgot password*?", .public),
                (DemoPerson.bob, "Second report today; could be last night's release.", .private),
                (DemoPerson.alice, "Yes, that worked. Thank you!", .public),
            ]),
        DemoTicket(
            title: "Invoice 1042 shows the wrong address",
            description: "We moved in May. Could you send it again with the new address, please?", category: "billing",
            tags: ["invoice", "address"],
            comments: [(DemoPerson.carol, "Of course. What is the new address?", .public)]),
        DemoTicket(
            title: "Export stops after 1,000 rows",
            description: "1. Open *Reports*\n2. Choose *All orders*\n3. Press *Export*\n\nThe file ends early.",
            priority: .urgent, category: "reports", tags: ["export"], isTaken: true),
        DemoTicket(title: "Do you ship to Norway?", description: "I found nothing about it on your pages.", priority: .low),
    ]
}
