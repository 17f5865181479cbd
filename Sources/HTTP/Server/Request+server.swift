internal import Codec

// What a request knows of the server that it came to, for the few routes that tell of the server itself.
extension Request {
    /// What the server has counted.
    public var serverMeters: Meters { connection.serving.allMeters }

    /// Whether the server takes no new connections and ends when it has answered what was asked.
    public var isServerStopping: Bool { connection.serving.isDraining }
}
