extension SocketIO.Packet {
    /// The packet as messages of Engine.IO: one of text, and one for each binary value in it.
    ///
    ///     <type>[<attachments>-][<namespace>,][<id>][<JSON>]
    public var frames: [EngineIO.Frame] {
        var payload = JSONWriter()
        var attachments: [[UInt8]] = []
        var id: Int?
        let kind: SocketIO.Kind
        switch content {
        case .connect(let value):
            kind = .connect
            if let value { payload.value(value, &attachments) }
        case .disconnect: kind = .disconnect
        case .connectError(let value):
            kind = .connectError
            payload.value(value, &attachments)
        case .event(let name, let arguments, let number):
            id = number
            payload.beginArray()
            payload.value(name)
            for argument in arguments { payload.value(argument, &attachments) }
            payload.endArray()
            kind = attachments.isEmpty ? .event : .binaryEvent
        case .ack(let arguments, let number):
            id = number
            payload.value(.list(arguments), &attachments)
            kind = attachments.isEmpty ? .ack : .binaryAck
        }
        var text = ByteWriter(capacity: payload.count + namespace.utf8.count + 32)
        head(kind, attachments.count, id, to: &text)
        payload.withUnsafeBytes { text.append($0) }
        return [.text(text.array)] + attachments.map { .binary($0) }
    }

    private func head(_ kind: SocketIO.Kind, _ attachments: Int, _ id: Int?, to text: inout ByteWriter) {
        text.append("4")
        text.append(decimal: Int(kind.rawValue))
        if kind.isBinary {
            text.append(decimal: attachments)
            text.append("-")
        }
        if namespace != SocketIO.main {
            text.append(namespace)
            text.append(",")
        }
        if let id { text.append(decimal: id) }
    }
}
