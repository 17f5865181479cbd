internal import Glibc

/// Renders text after text as long as it does not take too long in all; what comes then is shown as it was written.
///
/// One text has a bound of its own. A page of a hundred made to be slow would keep a thread for seconds all the same, and whoever may write
/// comments may write a hundred of them. A page that people wrote is far below.
struct PatientMarkdown {
    private let style: Markdown
    private let home: String
    private let patience: Int
    private var spent = 0

    /// Milliseconds of a thread's own time, so that the same page comes out the same on a busy machine.
    static let usual = 300

    init(_ style: Markdown, home: String, patience: Int = usual) {
        self.style = style
        self.home = home
        self.patience = patience * 1_000_000
    }

    mutating func html(of text: String) -> String {
        guard spent < patience else { return Markdown.html(ofPlain: text) }
        let begun = Self.nanoseconds()
        defer { spent += Self.nanoseconds() - begun }
        return style.html(of: text, at: home)
    }

    private static func nanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

extension Markdown {
    /// A text as it was written, blanks and all.
    static func html(ofPlain text: String) -> String { "<pre>\(HTMLText.escaped(text))</pre>\n" }
}
