import Codec
import Glibc
import Loop
import Testing

@testable import HTTP

@Suite("A loop that is held up") struct HeldUpLoopTests {
    private struct Seen: Equatable {
        let route: String?
        let isOver: Bool
    }

    @Test("is told of with its route, and the others take the connections that wait at its door") func accepting() throws {
        let isHeld = Flag()
        let mayGoOn = Flag()
        try withServer(
            loops: 2,
            routes: { routes in
                declareUsual(&routes)
                routes.raw(.get, "/hold", .everyone, "Holds up its loop", gives: .plainText) { _ in
                    isHeld.raise()
                    while !mayGoOn.isRaised { usleep(1000) }
                    return .text(.ok, "held")
                }
            }
        ) { server in
            let seen = Record<Seen>()
            let look = { server.server.lookAfterLoops { seen.note(Seen(route: $0.route, isOver: $0.isOver)) } }
            #expect(look() == false)
            let holder = try server.connect()
            try holder.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { isHeld.isRaised })
            #expect(eventually { look() })
            #expect(seen.events == [Seen(route: "GET /hold", isOver: false)])
            // The kernel deals about half of them to the loop that does not turn.
            let clients = try (0..<32).map { _ in try server.connect() }
            for client in clients { try client.send("GET /later/1 HTTP/1.1\r\nHost: a\r\n\r\n") }
            for client in clients {
                #expect(
                    eventually {
                        _ = look()
                        return !client.hearsNothing(milliseconds: 5)
                    })
                #expect(try client.answer().status == 200)
            }
            #expect(look() == true && seen.events.count == 1)
            mayGoOn.raise()
            #expect(try holder.answer().text == "held")
            #expect(eventually { !look() })
            #expect(seen.events.last == Seen(route: nil, isOver: true) && seen.events.count == 2)
            for _ in 0..<8 { #expect(try server.get("/later/1").status == 200) }
        }
    }
}
