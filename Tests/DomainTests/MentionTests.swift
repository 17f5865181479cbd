import Domain
import Testing

@Suite("Mentions") struct MentionTests {
    @Test("are words behind an @, each once, in any case, with what may be a full stop and without")
    func named() {
        #expect(Mentions.names(in: "@bob and @Carol, (@dora) again @BOB") == [["bob"], ["carol"], ["dora"]])
        #expect(Mentions.names(in: "Thanks @bob.smith.") == [["bob.smith.", "bob.smith"]])
        #expect(Mentions.names(in: "*@jürgen*: look") == [["jürgen"]])
    }

    @Test(
        "are not addresses, links, quotations and code",
        arguments: [
            "bob@example.com", "https://example.com/@bob", "@@bob", "@", "@ bob", "> @bob wrote:", "`@bob` is code", "``` \n@bob\n```",
            "@...",
        ])
    func others(text: String) { #expect(Mentions.names(in: text).isEmpty) }

    @Test("are twenty at most, and none is longer than a name")
    func many() {
        #expect(Mentions.names(in: (0..<50).map { "@name\($0)" }.joined(separator: " ")).count == Mentions.most)
        #expect(Mentions.names(in: "@" + String(repeating: "a", count: 101)).isEmpty)
    }
}
