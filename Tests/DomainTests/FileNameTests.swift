import Domain
import Testing

@Suite("What a file is called, and what it is") struct FileNameTests {
    @Test(
        "a good name stays",
        arguments: [
            "report.pdf", "Grüße aus Köln.txt", "年度报告.xlsx", "photo 1 (2).jpeg", "a.tar.gz", "README", "naïve—dash.md", "50% off.txt",
            "it's.txt",
            "👍.png", "ملف.pdf",
        ])
    func good(name: String) { #expect(FileName.harmless(name) == name) }

    /// What was sent, and what it becomes.
    static let hostile: [(String?, String)] = [
        (nil, "file"), ("", "file"), (" ", "file"), (".", "file"), ("..", "file"), ("...", "file"), ("/", "file"), ("\\", "file"),
        ("../../etc/passwd", "passwd"), ("..\\..\\windows\\system32\\cmd.exe", "cmd.exe"), ("/etc/shadow", "shadow"),
        ("C:\\Users\\me\\photo.png", "photo.png"), ("a/b\\c.txt", "c.txt"), ("dir/", "dir"), ("\\\\server\\share\\x.doc", "x.doc"),
        ("~/../.bashrc", "bashrc"), (".htaccess", "htaccess"), ("..hidden", "hidden"), ("run.exe.", "run.exe"),
        ("run.exe ...  ", "run.exe"),
        (" lead.txt", "lead.txt"), ("a\0b.txt", "ab.txt"), ("a.php\0.png", "a.php.png"),
        ("a\r\nSet-Cookie: x=1.txt", "aSet-Cookie_ x=1.txt"),
        ("a\u{1B}[31m.txt", "a[31m.txt"), ("tab\there.txt", "tabhere.txt"), ("\u{7F}del\u{85}.txt", "del.txt"),
        ("invoice\u{202E}fdp.exe", "invoicefdp.exe"), ("\u{2066}x\u{2069}.txt", "x.txt"), ("\u{200F}rtl\u{061C}.txt", "rtl.txt"),
        ("zero\u{200B}width\u{FEFF}.txt", "zerowidth.txt"), ("soft\u{AD}hyphen.txt", "softhyphen.txt"),
        ("line\u{2028}sep.txt", "linesep.txt"),
        ("nb\u{A0}space.txt", "nb space.txt"), ("quote\".txt", "quote_.txt"), ("a<script>.html", "a_script_.html"),
        ("a|b?c*d.txt", "a_b_c_d.txt"),
        ("stream.txt:ads", "stream.txt_ads"), ("CON", "_CON"), ("con.txt", "_con.txt"), ("nul.tar.gz", "_nul.tar.gz"),
        ("COM1.log", "_COM1.log"),
        ("lpt9", "_lpt9"), ("AUX .txt", "_AUX .txt"), ("COM¹", "_COM¹"), ("conout$", "_conout$"), ("COM10.txt", "COM10.txt"),
        ("private\u{E000}use.txt", "privateuse.txt"), ("tag\u{E0041}.txt", "tag.txt"), ("\u{115F}filler.txt", "filler.txt"),
    ]

    @Test("a hostile name comes out harmless", arguments: hostile)
    func hostileNames(sent: String?, becomes: String) { #expect(FileName.harmless(sent) == becomes) }

    @Test("whatever comes out is short, has nothing that anybody reads otherwise, and stays as it is", arguments: hostile.map(\.0))
    func invariants(sent: String?) {
        let name = FileName.harmless(sent)
        #expect(!name.isEmpty && name.utf8.count <= FileName.longest + 1 && FileName.harmless(name) == name)
        #expect(!name.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F || "/\\\"<>:|?*".unicodeScalars.contains($0) })
    }

    @Test("a long name keeps its ending, and no character is cut in two")
    func long() {
        let name = FileName.harmless(String(repeating: "ü", count: 500) + ".pdf")
        #expect(name.hasSuffix("ü.pdf") && name.utf8.count <= FileName.longest && name.utf8.count > FileName.longest - 4)
        let family = FileName.harmless(String(repeating: "👍🏽", count: 100))
        #expect(family.utf8.count <= FileName.longest && family.allSatisfy { $0 == "👍🏽" })
        #expect(FileName.harmless("a." + String(repeating: "x", count: 500)).utf8.count <= FileName.longest)
    }

    private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0]

    @Test(
        "a picture is one by its first bytes, whatever it is called",
        arguments: [
            (png, FileType.png), ([0xFF, 0xD8, 0xFF, 0xE0], .jpeg), (Array("GIF89a".utf8), .gif), (Array("RIFF1234WEBPVP8 ".utf8), .webP),
        ])
    func pictures(first: [UInt8], type: FileType) {
        #expect(FileType(first: first, name: "a.html", declared: "text/html") == type && type.isShownInPlace)
    }

    @Test(
        "anything else is what its ending says, and bytes when that is nothing safe",
        arguments: [
            ("a.pdf", nil, FileType.pdf), ("a.PDF", "text/html", .pdf), ("notes", "text/plain; charset=utf-8", .plainText),
            ("a.html", "text/html", .bytes),
            ("a.svg", "image/svg+xml", .bytes), ("a.js", "text/javascript", .bytes), ("a.exe", "application/pdf", .bytes),
            ("a.png", "image/png", .bytes),
            ("picture", "image/png", .bytes), ("a", "image/svg+xml", .bytes), ("a", nil, .bytes), ("a.xhtml", "application/pdf", .bytes),
        ] as [(String, String?, FileType)])
    func others(name: String, declared: String?, type: FileType) {
        let found = FileType(first: Array("<html>".utf8), name: name, declared: declared)
        #expect(found == type && !found.isShownInPlace)
    }
}
