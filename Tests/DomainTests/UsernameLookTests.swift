import Domain
import Testing

@Suite("What usernames look like") struct UsernameLookTests {
    @Test(
        "names that a reader takes for the staff's",
        arguments: [
            "admin", "a.d-m_i n", "adm1n", "admln", "adrnin", "a\u{301}dmi\u{308}n", "adm\u{131}n", "(admin)", "supp0rt", "5upport", "r00t",
            "systern", "martIet".lowercased(), "ѕуѕтем", "аdmin", "ме", "ηοηε", "νονε", "ᴀᴅᴍɪɴ", "adm|n", "\u{251}dmin",
        ])
    func reserved(_ name: String) { #expect(UsernameLook(folded: name).looksReserved) }

    @Test(
        "names of others",
        arguments: ["alice", "administer", "adm", "rooted", "bob.root", "admin2", "мария", "иван", "νικος", "山田", "", "me2", "42"])
    func others(_ name: String) { #expect(!UsernameLook(folded: name).looksReserved) }

    @Test("letters of two alphabets that look alike", arguments: ["pаypal", "аlice", "αlice", "cοοl", "аβ", "ᴀдам"])
    func mixed(_ name: String) { #expect(UsernameLook(folded: name).mixesAlphabets) }

    @Test(
        "letters of one alphabet, with digits, marks and signs, or beside another that looks like none of them",
        arguments: ["alice 42", "jose\u{301}", "мария-1", "νι\u{301}κος", "山田 taro", "たろう bob", "אבי", "42", "", "łukasz"])
    func one(_ name: String) { #expect(!UsernameLook(folded: name).mixesAlphabets) }
}
