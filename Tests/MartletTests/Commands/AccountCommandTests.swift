import Domain
import Testing

@testable import martlet

@Suite("Command line for people and migrations") struct AccountCommandTests {
    @Test(
        "migrate says how the schema stands, brings it up to date, or makes the file of a new step",
        arguments: [
            ("migrate", Command.migrate(.up, flags: [:])),
            ("migrate --data-dir x", .migrate(.up, flags: ["DATA_DIR": "x"])),
            ("migrate up --data-dir x", .migrate(.up, flags: ["DATA_DIR": "x"])),
            ("migrate status", .migrate(.status, flags: [:])),
            ("migrate create more_words", .migrate(.create(name: "more_words"), flags: [:])),
            ("migrate status --help", .help(.migrate)),
        ])
    func migrate(line: String, command: Command) throws {
        #expect(try Command(line.split(separator: " ").map(String.init)) == command)
    }

    @Test("an admin and a person are added with an address and a password, and settings may stand anywhere between")
    func create() throws {
        let admin = AccountAction.NewPerson(email: "a@b.de", name: nil, role: .admin, password: .standardInput)
        #expect(try command("admin create --email a@b.de --password-stdin") == .account(.create(admin), flags: [:]))
        #expect(
            try command("admin create --password-stdin --data-dir x --email=a@b.de") == .account(.create(admin), flags: ["DATA_DIR": "x"]))
        let agent = AccountAction.NewPerson(email: "b@b.de", name: "Bo", role: .agent, password: .argument(Secret("a=b c")))
        #expect(
            try Command(["user", "create", "--email", "b@b.de", "--name", "Bo", "--role=agent", "--password=a=b c"])
                == .account(.create(agent), flags: [:]))
    }

    @Test("people are listed, and one's password is set by address or username")
    func others() throws {
        #expect(try command("user list --data-dir x") == .account(.list, flags: ["DATA_DIR": "x"]))
        #expect(
            try command("user password eve --password-stdin")
                == .account(.password(name: "eve", .standardInput, endsSecondFactor: false), flags: [:]))
        #expect(
            try command("user password eve --without-totp --password-stdin")
                == .account(.password(name: "eve", .standardInput, endsSecondFactor: true), flags: [:]))
    }

    @Test(
        "what is not understood is told in one sentence",
        arguments: [
            ("migrate down", "martlet migrate does not take \"down\"."),
            ("migrate status now", "martlet migrate does not take \"now\"."),
            ("migrate create", "Say what the new step is called."),
            ("migrate create More-Words", "A step's name begins with a letter and has lower-case letters, digits and _ only."),
            ("migrate create more words", "martlet migrate does not take \"words\"."),
            ("admin", "Say what to do: create."),
            ("admin list", "martlet admin does not take \"list\"."),
            ("admin create --password-stdin", "Say whom: --email ADDRESS."),
            ("admin create --email", "--email needs a value: --email=…"),
            ("admin create --email a@b.de", "Give the password once: with --password-stdin, or --password."),
            ("admin create --email a@b.de --password x --password-stdin", "Give the password once: with --password-stdin, or --password."),
            ("admin create --email a@b.de --password-stdin --role agent", "An admin has no other role; see martlet user."),
            ("admin create --email a@b.de --password-stdin --nmae x", "There is no flag \"--nmae\"; did you mean --name?"),
            ("user", "Say what to do: list, create or password."),
            ("user remove", "martlet user does not take \"remove\"."),
            ("user list --role agent", "There is no flag \"--role\"."),
            ("user create --email a@b.de --password-stdin --role guest", "A role is customer, agent or admin."),
            ("user password", "Say whose: an address or a username."),
            ("user password eve", "Give the password once: with --password-stdin, or --password."),
            ("user create --email a@b.de --password-stdin --without-totp", "There is no flag \"--without-totp\"."),
            ("user password eve bob --password-stdin", "martlet user does not take \"bob\"."),
        ])
    func notUnderstood(line: String, sentence: String) {
        let error = #expect(throws: UsageError.self) { try command(line) }
        #expect(error?.sentence == sentence)
    }

    @Test("a password on the command line stands in no fault")
    func secretArgument() {
        let error = #expect(throws: UsageError.self) { try command("user create --password hunter22") }
        #expect(error?.sentence == "Say whom: --email ADDRESS.")
    }

    private func command(_ line: String) throws(UsageError) -> Command { try Command(line.split(separator: " ").map(String.init)) }
}
