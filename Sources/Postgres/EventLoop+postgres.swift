internal import CPostgres
internal import Loop

extension EventLoop {
    /// Ends the watch over a connection's socket.
    ///
    /// When the server has reset the connection, libpq closes the socket by itself, inside whatever it was asked to do, and does not say so.
    /// The number may then be a stranger's, so it is given back to epoll only while libpq still has it.
    func unwatch(_ registration: Registration, of connection: OpaquePointer?) {
        if connection.map({ PQsocket($0) }) == registration.descriptor { unwatch(registration) } else { forget(registration) }
    }
}
