import Domain
import Testing

@Suite("Slugs") struct SlugTests {
    @Test(
        "are made of a title's letters and digits",
        arguments: [
            ("How to Reset Password", "how-to-reset-password"), ("  What's new?! ", "whats-new"), ("Größe & Maß", "grosse-mass"),
            ("Łódź: 2. část", "lodz-2-cast"), ("Как сбросить пароль", "как-сбросить-пароль"), ("パスワード", "パスワード"), ("!!!", "article"),
            ("", "article"), ("C++ / C#", "c-c"), ("1e5bd0e9-5d3c-7a3b-8d6f-0123456789ab", "article"),
        ])
    func made(title: String, slug: String) { #expect(Slug.from(title) == slug) }

    @Test("have at most a hundred characters, and end with a whole word")
    func long() {
        #expect(Slug.from(String(repeating: "abcd ", count: 60)).unicodeScalars.count == 99)
        #expect(Slug.from(String(repeating: "x", count: 300)).unicodeScalars.count == 100)
        #expect(Slug.numbered(String(repeating: "x", count: 100), 12) == String(repeating: "x", count: 97) + "-12")
    }

    @Test(
        "an author's may be no other",
        arguments: ["", "A", "a b", "-a", "a-", "a--b", "a_b", "a/b", "search", "é\u{301}!", "1e5bd0e9-5d3c-7a3b-8d6f-0123456789ab"])
    func refused(slug: String) { #expect(!Slug.isSane(slug)) }

    @Test("what is made may be given", arguments: ["how-to-reset-password", "как", "a1"])
    func taken(slug: String) { #expect(Slug.isSane(slug)) }
}
