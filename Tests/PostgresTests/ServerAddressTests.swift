import Testing

@testable import Postgres

@Suite("The database URL") struct ServerAddressTests {
    private func value(_ name: String, in address: ServerAddress) -> String? {
        address.parameters(address.hosts).last { $0.name == name }?.value
    }

    @Test("every spelling of the scheme is taken", arguments: ["postgres", "postgresql", "postgresql+asyncpg", "POSTGRES"])
    func schemes(scheme: String) throws {
        let address = try ServerAddress("\(scheme)://desk:s%40cret@db.example:6432/martlet?sslmode=verify-full")
        #expect(address.hosts == [.init(name: "db.example", port: "6432")])
        #expect(value("user", in: address) == "desk")
        #expect(value("password", in: address) == "s@cret")
        #expect(value("dbname", in: address) == "martlet")
        #expect(value("sslmode", in: address) == "verify-full")
        #expect(address.needsLookUp)
    }

    @Test("asyncpg's words are put into libpq's")
    func asyncpg() throws {
        var address = try ServerAddress("postgresql+asyncpg://u@h/d?ssl=require&prepared_statement_cache_size=0")
        #expect(value("sslmode", in: address) == "require")
        address = try ServerAddress("postgresql+asyncpg://u@h/d?prepared_statement_cache_size=0")
        #expect(value("dbname", in: address) == "d")
    }

    @Test("several hosts keep their ports, or share one")
    func hosts() throws {
        var address = try ServerAddress("postgresql://a:1,b:2,127.0.0.1:3/d")
        #expect(address.hosts == [.init(name: "a", port: "1"), .init(name: "b", port: "2"), .init(name: "127.0.0.1", port: "3")])
        address = try ServerAddress("postgresql://a,b/d?port=7")
        #expect(address.hosts.map(\.port) == ["7", "7"])
        #expect(value("host", in: address) == "a,b")
        #expect(value("port", in: address) == "7,7")
    }

    @Test("a socket's folder and a given address need no look-up")
    func local() throws {
        let folder = try ServerAddress("postgresql:///d?host=/run/postgresql")
        #expect(!folder.needsLookUp)
        #expect(value("host", in: folder) == "/run/postgresql")
        #expect(value("hostaddr", in: folder) == nil)
        let given = try ServerAddress("postgresql://db.example/d?hostaddr=10.0.0.1")
        #expect(!given.needsLookUp)
        #expect(given.hosts == [.init(name: "db.example", port: "", address: "10.0.0.1")])
    }

    @Test("we say our name unless the URL says another, and never look for Kerberos")
    func name() throws {
        #expect(value("application_name", in: try ServerAddress("postgres://h/d")) == "martlet")
        #expect(value("application_name", in: try ServerAddress("postgres://h/d?application_name=desk")) == "desk")
        #expect(value("gssencmode", in: try ServerAddress("postgres://h/d")) == "disable")
    }

    @Test(
        "what is no such URL is refused, and the refusal does not repeat the password",
        arguments: [
            "", "desk", "mysql://u:hunter2@h/d", "sqlite:///x", "postgres://u:hunter2@h/d?nosuchword=1", "postgres://u:hunter2%zz@h/d",
            "postgres://u:hunter2@a:1,b:2,c/d?port=1,2",
        ])
    func refused(url: String) {
        #expect { try ServerAddress(url) } throws: { !"\($0)".contains("hunter2") && $0 is ServerAddress.Fault }
    }
}
