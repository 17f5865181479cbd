public import Codec
public import HTTP
internal import Helpdesk

/// A page of a list as it is answered: `{"items":[…],"next":"<cursor>"|null}`, with `total` when it was asked for and a `Link` to the
/// next page.
///
/// What may stand in a page says so once:
///
///     extension TicketView: PageItem {
///         static let page = Page<TicketView>.shape("TicketPage", "A page of tickets")
///     }
public struct Page<Item: PageItem>: Shaped, WithFields {
    public var items: [Item] = []
    /// The cursor of the next page; nil on the last.
    public var next: String?
    public var total: Int?
    /// How many of the whole list are not read; for lists whose shape says so.
    var unread: Int?
    /// The address of the next page.
    var link: String?

    public static var shape: Shape<Page<Item>> { Item.page }

    public static func shape(_ name: StaticString, _ summary: String) -> Shape<Page<Item>> {
        Shape(name, summary, Page()) {
            Field("items", \.items, .list(of: .object(Item.self), atMost: SliceRequest.mostItems), "The items, in the list's order")
            Field("next", \.next, Kind<String>.text(1...200).optional, "The cursor of the next page; null on the last")
            Field(
                "total", \.total, Kind<Int>.integer(0...Slice<Item>.mostCounted).orAbsent,
                "How many there are in all, with `count=true`. Lists are counted to 10,000, which means that many or more")
        }
    }

    public var fields: [Response.Field] { link.map { [.init("link", "<\($0)>; rel=\"next\"")] } ?? [] }
}

/// What a page may hold.
public protocol PageItem: Shaped {
    static var page: Shape<Page<Self>> { get }
}

/// A query of a list: its own parameters, and which page.
public protocol PagedQuery: Shaped {
    var paging: Paging { get set }
    /// The query without what leaves the list the same: which page of it, and what its items are given with.
    var list: Self { get }
    /// How many bytes of texts a page may have.
    var bytes: Int { get }
}

extension PagedQuery {
    public var list: Self {
        var list = self
        list.paging = Paging()
        return list
    }

    public var bytes: Int { SliceRequest.mostBytes }
}

/// Which page is asked for, as a query says it.
public struct Paging: Sendable {
    var limit = 20
    var cursor: String?
    var offset = 0
    var isCounted = false

    public init() {}

    /// The parameters that say which page.
    static let fields: [Field<Paging>] = [
        Field("limit", \.limit, .integer(1...SliceRequest.mostItems), "How many at most", required: false),
        Field("cursor", \.cursor, Kind<String>.text(1...200).orAbsent, "Where to go on: the `next` of the page before"),
        Field(
            "offset", \.offset, .integer(0...SliceRequest.mostOffset), "How many to pass over; a cursor is better", required: false),
        Field("count", \.isCounted, .boolean, "Whether to say how many there are in all", required: false),
    ]
}
