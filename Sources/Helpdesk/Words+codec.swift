public import Codec
public import Domain

// The words as JSON knows them, and what else they are called on input.

extension Role: Word {
    public static var aliases: [String: Role] { ["user": .customer, "csr": .agent, "temp_user": .guest] }
}

extension Priority: Word {
    public static var aliases: [String: Priority] { ["normal": .medium, "critical": .urgent] }
}

extension CommentType: Word {
    public static var aliases: [String: CommentType] { ["internal": .private] }
}

extension FileType: Word {}
extension Status: Word {}
extension SupportRole: Word {}
extension Channel: Word {}
extension Scope: Word {}
extension Person.Origin: Word {}
extension EventType: Word {}
extension Notification.Reason: Word {}
extension TicketOrder.Key: Word {}

extension Kind {
    /// An id of one kind.
    public static func id<Thing>(_: Thing.Type) -> Kind<Identifier<Thing>> {
        Kind<UUID>.uuid.converted(to: { .success(Identifier($0.bits)) }, from: { UUID($0) })
    }

    /// A moment, as RFC 3339.
    public static var moment: Kind<Moment> {
        Kind<Timestamp>.time.converted(
            to: { .success(Moment(Int($0.milliseconds))) }, from: { Timestamp(milliseconds: Int64($0.milliseconds)) })
    }

    /// A token that opens something to whoever holds it.
    public static var token: Kind<UInt128> {
        Kind<UUID>.uuid.converted(to: { .success($0.bits) }, from: { UUID(bits: $0) })
    }
}
