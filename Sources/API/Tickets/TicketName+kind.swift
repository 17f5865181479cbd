internal import Codec
internal import Domain
internal import Helpdesk

extension Kind {
    /// A ticket as a client names it in a body: by number, as such or as text, or by id.
    static var ticketName: Kind<TicketName> {
        Kind<TicketName>(
            .oneOf([.integer(1...Int.mostExact), .text(1...36)]),
            json: { (reader, reading) throws(JSONFault) in
                switch try reader.readValue() {
                case .integer(let number) where (1...Int.mostExact).contains(number): return .number(number)
                case .text(let text):
                    if let name = TicketName(path: text) { return name }
                default: break
                }
                return reading.refuse(Fault("int_type", "Input should be a ticket's number or id"))
            },
            write: { name, writer in
                switch name {
                case .number(let number): writer.value(number)
                case .id(let id): writer.value(id.text)
                }
            })
    }
}
