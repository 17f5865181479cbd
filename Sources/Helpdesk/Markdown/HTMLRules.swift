/// What HTML may hold that strangers' words have become. Everything that is not said is left out.
public struct HTMLRules: Sendable {
    /// Where the desk is: links there are its own.
    public var home: String
    public var namesHeadings = false
    public var headingShift = 0
    /// How many elements may stand inside each other. Of deeper ones only the words stay.
    var mostDepth = 64
    /// What comes out ends about here, however much goes in.
    var mostBytes = 4 * 1024 * 1024

    public init(home: String) { self.home = home }
}

/// The elements that may stand in a text.
enum HTMLElement: String {
    case p, br, hr, h1, h2, h3, h4, h5, h6, blockquote, ul, ol, li, pre, code, em, strong, del, a, img
    case table, thead, tbody, tr, th, td
    case b, i, u, s, sub, sup, kbd, dl, dt, dd

    var isVoid: Bool { self == .br || self == .hr || self == .img }

    var isHeading: Bool { level != nil }

    var level: Int? {
        switch self {
        case .h1: 1
        case .h2: 2
        case .h3: 3
        case .h4: 4
        case .h5: 5
        case .h6: 6
        default: nil
        }
    }

    static func heading(_ level: Int) -> HTMLElement { [.h1, .h2, .h3, .h4, .h5, .h6][min(max(level, 1), 6) - 1] }

    /// What it may only stand directly in; a browser would move it elsewhere.
    var parents: [HTMLElement]? {
        switch self {
        case .li: [.ul, .ol]
        case .dt, .dd: [.dl]
        case .thead, .tbody: [.table]
        case .tr: [.thead, .tbody, .table]
        case .th, .td: [.tr]
        default: nil
        }
    }

    /// Elements whose content is no text for people, or is read by other rules than HTML's: it goes with them.
    static let unspeakable: Set<String> = [
        "script", "style", "title", "textarea", "iframe", "noscript", "noembed", "noframes", "xmp", "plaintext", "object", "embed",
        "applet",
        "template", "svg", "math", "select", "option", "head", "frameset", "audio", "video", "canvas", "portal",
    ]
}
