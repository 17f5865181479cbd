import Codec
import Glibc
import Loop
import Testing

@testable import HTTP

@Suite("What waits to be sent") struct BoundedOutputTests {
    @Test("lets go of what was sent, also while the client is never quite caught up") func memory() throws {
        let most = Locked(0)
        let isDone = Flag()
        try withServer(routes: { routes in
            routes.raw(.get, "/lagging", .everyone, "Sends more before all is read", gives: .bytes) { _ in
                Response(
                    .ok, type: .bytes,
                    body: .session { connection in
                        // So small that the system never takes all that waits, as on a slow line.
                        var room: Int32 = 4096
                        setsockopt(connection.descriptor, SOL_SOCKET, SO_SNDBUF, &room, socklen_t(MemoryLayout<Int32>.size))
                        let block = [UInt8](repeating: 7, count: 32_768)
                        for _ in 0..<300 {
                            connection.write { $0.append(block) }
                            most.withLock { $0 = max($0, connection.held) }
                            guard (try? await connection.waitUntilSent(leaving: 64 * 1024)) != nil else { return }
                        }
                        isDone.raise()
                    })
            }
        }) { server in
            let client = try server.connect(receiveBuffer: 16_384)
            try client.send("GET /lagging HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try client.receive(upTo: "\r\n\r\n")
            var count = client.received.count
            while count < 300 * 32_768 {
                client.received = []
                try client.receiveMore(atMost: 8192)
                count += client.received.count
            }
            #expect(eventually { isDone.isRaised })
            #expect(most.withLock { $0 } < 512 * 1024)
        }
    }
}
