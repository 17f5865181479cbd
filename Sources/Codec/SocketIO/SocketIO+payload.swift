// What stands behind a packet's head: JSON, with binary values put back where they were.

extension SocketIO.Head {
    /// The payload; nil when there is none. Each attachment must be used, and once: whoever used one a thousand times would have us
    /// send it back a thousand times.
    func parse(_ json: UnsafeRawBufferPointer, _ attachments: [[UInt8]]) throws(SocketIO.Fault) -> SocketIO.Value? {
        guard !json.isEmpty else { return nil }
        var filling = SocketIO.Filling(attachments, isBinary: kind.isBinary)
        let value: SocketIO.Value
        do throws(JSONFault) {
            var reader = JSONReader(json)
            value = try reader.readValue(&filling)
            try reader.finish()
        } catch {
            throw .badPayload
        }
        guard filling.isDone else { throw .badPlaceholder }
        return value
    }

    /// Checks that the payload is of the form that the type needs.
    func packet(_ payload: SocketIO.Value?) throws(SocketIO.Fault) -> SocketIO.Packet {
        SocketIO.Packet(try content(payload), in: namespace)
    }

    private func content(_ payload: SocketIO.Value?) throws(SocketIO.Fault) -> SocketIO.Packet.Content {
        if id != nil, kind == .connect || kind == .disconnect || kind == .connectError { throw .badID }
        switch (kind, payload) {
        case (.connect, nil): return .connect(nil)
        case (.connect, .object?): return .connect(payload)
        case (.disconnect, nil): return .disconnect
        case (.connectError, let error?):
            switch error {
            case .object, .text: return .connectError(error)
            default: throw .badPayload
            }
        case (.event, .list(let elements)?), (.binaryEvent, .list(let elements)?):
            return .event(try SocketIO.eventName(elements.first), Array(elements.dropFirst()), id: id)
        case (.ack, .list(let elements)?), (.binaryAck, .list(let elements)?):
            guard let id else { throw .badID }
            return .ack(elements, id: id)
        default: throw .badPayload
        }
    }
}

extension SocketIO {
    /// JavaScript's `emit` takes numbers for names too.
    fileprivate static func eventName(_ value: Value?) throws(Fault) -> String {
        switch value {
        case nil: throw .badPayload
        case .integer(let number)?: return String(number)
        case .text(let name)? where !reservedEvents.contains(where: name.equals): return name
        default: throw .badEventName
        }
    }
}

extension SocketIO {
    /// The binary values of a packet, as its placeholders are found.
    fileprivate struct Filling {
        private let attachments: [[UInt8]]
        /// In a packet that is not binary an object that looks like a placeholder is just that.
        let isBinary: Bool
        private var free: Set<Int>
        private var isWrong = false

        init(_ attachments: [[UInt8]], isBinary: Bool) {
            self.attachments = attachments
            self.isBinary = isBinary
            free = Set(attachments.indices)
        }

        /// Whether every value was used, and no placeholder asked for another.
        var isDone: Bool { free.isEmpty && !isWrong }

        mutating func value(for placeholder: [Value.Member]) -> Value {
            guard let number = Value.object(placeholder)["num"]?.int, free.remove(number) != nil else {
                isWrong = true
                return .null
            }
            return .binary(attachments[number])
        }
    }
}

extension JSONReader {
    /// Takes the next value, and fills its placeholders.
    fileprivate mutating func readValue(_ filling: inout SocketIO.Filling) throws(JSONFault) -> SocketIO.Value {
        switch try peek() {
        case .null:
            _ = try readNull()
            return .null
        case .bool: return .bool(try readBool())
        case .string: return .text(try readString())
        case .number:
            switch try readNumber() {
            case .integer(let integer): return .integer(integer)
            case .double(let double): return .number(double)
            }
        case .array:
            var elements: [SocketIO.Value] = []
            try beginArray()
            while try nextElement() { elements.append(try readValue(&filling)) }
            return .list(elements)
        case .object:
            let members = try readMembers(&filling)
            let isPlaceholder = filling.isBinary && SocketIO.Value.object(members)["_placeholder"]?.isTrue == true
            return isPlaceholder ? filling.value(for: members) : .object(members)
        }
    }

    private mutating func readMembers(_ filling: inout SocketIO.Filling) throws(JSONFault) -> [SocketIO.Value.Member] {
        var members: [SocketIO.Value.Member] = []
        var names: Set<ByteName> = []
        try beginObject()
        while let name = try nextByteName() {
            guard names.insert(name).inserted else { throw fault(.duplicateName) }
            members.append(.init(name.text, try readValue(&filling)))
        }
        return members
    }
}
