import Glibc
import Testing

@testable import martlet

@Suite(".env") struct EnvFileTests {
    @Test(
        "a line gives a key its value",
        arguments: [
            ("KEY=value", "value"),
            ("KEY=", ""),
            ("  KEY = value  ", "value"),
            ("\tKEY=value\t", "value"),
            ("export KEY=value", "value"),
            ("export\tKEY=value", "value"),
            ("KEY=a=b=c", "a=b=c"),
            ("KEY=two words", "two words"),
            ("KEY=value # a comment", "value"),
            ("KEY=value\t# a comment", "value"),
            ("KEY=http://host/#part", "http://host/#part"),
            ("KEY=#only a comment", ""),
            ("KEY=it's", "it's"),
            ("KEY=back\\slash", "back\\slash"),
            ("KEY=$HOME", "$HOME"),
            ("KEY='as \"it\" is \\n # here'", "as \"it\" is \\n # here"),
            ("KEY=' blanks '  # after", " blanks "),
            ("KEY=''", ""),
            ("KEY=\"two\\nlines\\tand \\\"quotes\\\" \\\\ \\$HOME \\r\"", "two\nlines\tand \"quotes\" \\ $HOME \r"),
            ("KEY=\"it's # not a comment\" # this is", "it's # not a comment"),
            ("KEY=\"\"", ""),
            ("KEY=żółw", "żółw"),
            ("KEY=value\r", "value"),
            ("KEY=\"value\"\r", "value"),
        ])
    func assignment(line: String, value: String) {
        let file = EnvFile(parsing: Array(line.utf8))
        #expect(file.faults == [])
        #expect(file.entries == ["KEY": EnvFile.Entry(value: value, line: 1)])
    }

    @Test("blank lines and comments say nothing, but they count as lines")
    func comments() {
        let file = EnvFile(parsing: Array("\u{FEFF}# first\r\n\r\n   \n  # more\nexport=1\nKEY=5".utf8))
        #expect(file.faults == [])
        #expect(file.entries["KEY"]?.line == 6)
        #expect(file.entries["export"]?.value == "1")
        #expect(file.entries.count == 2)
    }

    @Test("the last of two lines for one key counts")
    func lastCounts() {
        #expect(EnvFile(parsing: Array("A=1\nA=2".utf8)).entries["A"] == EnvFile.Entry(value: "2", line: 2))
    }

    @Test(
        "a bad line is refused by its number, and does not hide the next",
        arguments: [
            ("nonsense", "has no `=`; write KEY=value"),
            ("=value", "has a key that is not letters, digits and `_`"),
            ("9KEY=value", "has a key that is not letters, digits and `_`"),
            ("MY KEY=value", "has a key that is not letters, digits and `_`"),
            ("KEY-A=value", "has a key that is not letters, digits and `_`"),
            ("ключ=value", "has a key that is not letters, digits and `_`"),
            ("KEY='value", "has a quote that is not closed"),
            ("KEY=\"value", "has a quote that is not closed"),
            ("KEY=\"value\\\"", "has a quote that is not closed"),
            ("KEY=\"value\\", "has a quote that is not closed"),
            ("KEY=\"C:\\folder\"", "has an escape that is none of \\n \\r \\t \\\" \\\\ \\$; use single quotes for a plain backslash"),
            ("KEY='a' b", "goes on after the closing quote"),
            ("KEY=\"a\"b", "goes on after the closing quote"),
            ("KEY=a\0b", "is not text in UTF-8"),
        ])
    func badLine(line: String, what: String) {
        let file = EnvFile(parsing: Array("A=1\n\(line)\nB=2".utf8))
        #expect(file.faults == [".env line 2 \(what)."])
        #expect(file.entries.keys.sorted() == ["A", "B"])
    }

    @Test("bytes that are no UTF-8 are refused by their line")
    func notText() {
        #expect(EnvFile(parsing: Array("A=1\nB=".utf8) + [0xFF]).faults == [".env line 2 is not text in UTF-8."])
    }

    @Test("a fault never repeats the line: it may hold a secret")
    func faultsKeepSecrets() {
        #expect(!EnvFile(parsing: Array("TOKEN=\"hunter2".utf8)).faults.joined().contains("hunter2"))
        #expect(!EnvFile(parsing: Array("TOKEN hunter2".utf8)).faults.joined().contains("hunter2"))
    }

    @Test("a file is read whole, a missing one is empty, and one that cannot be read is a fault")
    func files() throws {
        let path = "/tmp/martlet-env-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        #expect(EnvFile(at: path) == EnvFile())
        let file = try #require(fopen(path, "w"))
        fputs("A=\(String(repeating: "x", count: 10_000))\nB=2\n", file)
        fclose(file)
        defer { unlink(path) }
        #expect(EnvFile(at: path).entries["A"]?.value.utf8.count == 10_000)
        #expect(EnvFile(at: path).entries["B"]?.line == 2)
        #expect(EnvFile(at: "/tmp").faults == [".env cannot be read: Is a directory."])
        #expect(EnvFile(at: "/dev/zero").faults == [".env cannot be read: File too large."])
    }
}
