public import Codec
public import Domain

// What waits in the outbox is sealed, since a mail may hold a link that opens an account. Who sends it opens it by `openMail`; in the
// statement by which a row is done its payload becomes empty, which the table demands.

extension Desk {
    /// What a row of the outbox says, for whom it is to be sent to. Nil when it is another's, or was sealed under a secret that the desk
    /// has no more.
    public func openMail(_ sealed: [UInt8], to person: Person.ID) -> JSONValue? {
        sealedMail.open(sealed, of: person).flatMap { try? JSONValue(parsing: $0, ours: true) }
    }
}

extension Work {
    /// What is kept of a mail to somebody.
    func sealMail(_ payload: JSONValue, to person: Person.ID) -> [UInt8] {
        desk.sealedMail.seal(payload.bytes, of: person, nonce: outside.random(SecretBox.nonceSize))
    }
}
