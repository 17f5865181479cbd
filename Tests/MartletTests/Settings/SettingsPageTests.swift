import Testing

@testable import martlet

@Suite("docs/settings.md") struct SettingsPageTests {
    @Test("it has a row for every setting, with its other name, its default and its help", arguments: Settings.declared.map(\.name))
    func row(name: String) throws {
        let setting = try #require(Settings.declared.first { $0.name == name })
        let page = try ImportTests.text(of: ImportTests.root + "/docs/settings.md")
        let row = try #require(page.split(separator: "\n").first { $0.hasPrefix("| `\(name)`") }, "no row begins with \(name)")
        #expect(row.contains(setting.help))
        if let alias = setting.alias { #expect(row.contains("(also `\(alias)`)")) }
    }

    @Test("it has no row for anything else")
    func nothingElse() throws {
        let page = try ImportTests.text(of: ImportTests.root + "/docs/settings.md")
        let names = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { String($0.split(separator: "`")[1]) }
        #expect(names == Settings.declared.map(\.name))
    }
}
