public import Domain
internal import Storage

/// Whose question it is. Of what takes long, one asker's questions are answered one at a time, and askers take turns: whoever asks a lot
/// waits for their own questions and holds up nobody else.
public struct Asker: Sendable {
    let owner: ScanOwner

    private init(_ owner: ScanOwner) { self.owner = owner }

    /// Somebody we know, however they are signed in.
    public init(_ caller: Caller) { owner = .person(caller.id.bits) }

    /// Somebody we do not know, of that network.
    public init(network: String) {
        // FNV-1a. Two networks with one digest share their turns, which does no harm.
        owner = .network(network.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
    }

    /// The server itself, whose questions are few and wait for nobody of their own.
    public static let server = Asker(.server)
}
