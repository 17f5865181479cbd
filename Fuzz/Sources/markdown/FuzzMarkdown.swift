import Harness
import Helpdesk

/// What strangers write, as Markdown and as HTML: what comes out may stand on a page of ours. `HTMLInspector`, which the tests use too,
/// reads it by rules of its own.
@main struct FuzzMarkdown {
    private static let home = "https://help.example.com"

    static func main() {
        fuzz { input in
            var choices = Choices(input)
            let choice = choices.byte()
            let text = String(decoding: choices.rest, as: UTF8.self)
            if choice & 1 == 0 {
                let style = Markdown(keepsLines: choice & 2 == 0, namesHeadings: choice & 4 == 0, headingShift: Int(choice >> 3) % 3)
                inspect(style.html(of: text, at: home))
                check(Markdown.summary(of: text, atMost: 155).unicodeScalars.count <= 155, "a summary that is too long")
            } else {
                clean(text, namesHeadings: choice & 2 == 0)
            }
        }
    }

    private static func clean(_ text: String, namesHeadings: Bool) {
        var rules = HTMLRules(home: home)
        rules.namesHeadings = namesHeadings
        let once = HTMLCleaner.clean(Array(text.utf8), rules)
        inspect(String(decoding: once, as: UTF8.self))
        let twice = HTMLCleaner.clean(once, rules)
        check(once == twice, "cleaned once more it is another: \(String(decoding: twice, as: UTF8.self))")
    }

    private static func inspect(_ html: String) {
        let fault = HTMLInspector(html).fault
        check(fault == nil, "\(fault ?? ""): \(html)")
    }
}
