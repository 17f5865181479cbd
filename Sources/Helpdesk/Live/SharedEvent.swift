public import Domain
internal import Synchronization

/// An event on its way to many. It is rendered once in each form, whoever needs that form first, and not once for each reader.
public final class SharedEvent: Sendable {
    /// A form that an event is sent in. Whatever makes the bytes differ must make this differ.
    public struct Form: Hashable, Sendable {
        let name: String
        let isForStaff: Bool

        /// - Parameter name: of the transport and its words, such as `sse`.
        public init(_ name: String, for caller: Caller) {
            self.name = name
            isForStaff = caller.isStaff
        }
    }

    public let event: Event
    /// By what those are found who wait for it.
    let interests: [Interest]
    private let forms = Mutex<[Form: any Sendable]>([:])

    /// - Parameter followers: who follows its ticket, as far as anybody waits for that.
    init(_ event: Event, followers: [Person.ID] = []) {
        self.event = event
        interests = event.interests + (event.recipient == nil ? followers.map { .followed(by: $0) } : [])
    }

    /// The event in a form, if anybody has needed that before.
    public func rendered<Rendered: Sendable>(_ form: Form, as _: Rendered.Type = Rendered.self) -> Rendered? {
        forms.withLock { $0[form] } as? Rendered
    }

    /// Keeps the event in a form for those who need it next.
    public func keep(_ rendered: some Sendable, as form: Form) { forms.withLock { $0[form] = rendered } }

    /// About what it takes to keep it.
    var size: Int {
        let text =
            switch event.subject {
            case .ticket(let ticket): ticket.description.utf8.count
            case .comment(let comment): comment.content.utf8.count
            case .article(let article): article.content.utf8.count
            case .person, .notification, .erased: 0
            }
        // As it is, in one form or two, and with all that is small in it.
        return 3 * text + 1000
    }

    /// The event in a form. When two need it first at once both make it, and one is kept.
    public func bytes(_ form: Form, _ render: () -> [UInt8]) -> [UInt8] {
        if let bytes = rendered(form, as: [UInt8].self) { return bytes }
        let bytes = render()
        keep(bytes, as: form)
        return bytes
    }
}
