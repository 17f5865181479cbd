/// How both sides compress, as the handshake settled it (permessage-deflate, RFC 7692 section 7.1).
///
/// A window is given in bits, 8 to 15: how far back, as a power of two, a compressor may point. Keeping the context means
/// that a message may point into the ones before it; it costs its owner the window for as long as the connection lives.
public struct DeflateAgreement: Equatable, Sendable {
    /// What we compress with.
    public var serverWindow = 15
    public var serverKeepsContext = true
    /// What the client compresses with, and we must be able to inflate.
    public var clientWindow = 15
    public var clientKeepsContext = true

    /// What we say to it in the answer's `Sec-WebSocket-Extensions`. Only what differs from the default is named.
    public var header: String {
        var words = "permessage-deflate"
        if !serverKeepsContext { words += "; server_no_context_takeover" }
        if !clientKeepsContext { words += "; client_no_context_takeover" }
        if serverWindow != 15 { words += "; server_max_window_bits=\(serverWindow)" }
        if clientWindow != 15 { words += "; client_max_window_bits=\(clientWindow)" }
        return words
    }

    /// The most that we are willing to spend on a connection.
    public struct Limits: Sendable {
        public var serverWindow: Int
        public var serverKeepsContext: Bool
        public var clientWindow: Int
        public var clientKeepsContext: Bool

        public init(serverWindow: Int = 12, serverKeepsContext: Bool = true, clientWindow: Int = 12, clientKeepsContext: Bool = true) {
            precondition((9...15).contains(serverWindow) && (9...15).contains(clientWindow))
            self.serverWindow = serverWindow
            self.serverKeepsContext = serverKeepsContext
            self.clientWindow = clientWindow
            self.clientKeepsContext = clientKeepsContext
        }
    }

    /// What comes of the first offer that we can take; nil when there is none, and the connection goes uncompressed.
    public static func settle(_ offers: [ExtensionOffer], within limits: Limits) -> DeflateAgreement? {
        for offer in offers {
            if let wish = Wish(offer), let agreement = wish.settle(within: limits) { return agreement }
        }
        return nil
    }

    public init() {}
}

/// One offer of permessage-deflate, understood.
private struct Wish {
    var serverKeepsContext = true
    var clientKeepsContext = true
    var serverWindow = 15
    /// Nil when the client did not say that it can narrow its window, and then must not be asked to.
    var clientWindow: Int?

    /// Nil when the offer has to be declined: another extension, a parameter we do not know, a value that is not allowed, or
    /// a parameter said twice (RFC 7692 section 7.1).
    init?(_ offer: ExtensionOffer) {
        guard offer.name.equalsIgnoringCase("permessage-deflate") else { return nil }
        var seen: Set<Name> = []
        for parameter in offer.parameters {
            guard let name = Name.allCases.first(where: { parameter.name.equalsIgnoringCase($0.text) }), seen.insert(name).inserted else {
                return nil
            }
            switch (name, parameter.value) {
            case (.serverNoContext, nil): serverKeepsContext = false
            case (.clientNoContext, nil): clientKeepsContext = false
            case (.clientWindow, nil): clientWindow = 15
            case (.clientWindow, let value?):
                guard let bits = Wish.windowBits(value) else { return nil }
                clientWindow = bits
            case (.serverWindow, let value?):
                guard let bits = Wish.windowBits(value) else { return nil }
                serverWindow = bits
            default: return nil
            }
        }
    }

    /// The parameters that there are.
    private enum Name: CaseIterable {
        case serverNoContext, clientNoContext, clientWindow, serverWindow

        var text: StaticString {
            switch self {
            case .serverNoContext: "server_no_context_takeover"
            case .clientNoContext: "client_no_context_takeover"
            case .clientWindow: "client_max_window_bits"
            case .serverWindow: "server_max_window_bits"
            }
        }
    }

    /// A number from 8 to 15 without a leading zero.
    private static func windowBits(_ text: String) -> Int? { (8...15).first { text.hasSameBytes(as: String($0)) } }

    func settle(within limits: DeflateAgreement.Limits) -> DeflateAgreement? {
        // zlib cannot make a raw stream with a window of 8 bits (it takes 9 and points too far back), so we decline that.
        guard serverWindow > 8 else { return nil }
        var agreement = DeflateAgreement()
        agreement.serverKeepsContext = serverKeepsContext && limits.serverKeepsContext
        agreement.clientKeepsContext = clientKeepsContext && limits.clientKeepsContext
        agreement.serverWindow = min(serverWindow, limits.serverWindow)
        // Here 8 is no trouble: inflating with so small a window is something zlib can do.
        if let clientWindow { agreement.clientWindow = min(clientWindow, limits.clientWindow) }
        return agreement
    }
}
