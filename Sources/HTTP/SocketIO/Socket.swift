public import Codec
internal import Loop

extension SocketIO {
    /// A client in a namespace. Anybody who has it may send, from any thread, and sending never waits; `next()` is for the one task that
    /// serves it.
    public final class Socket: Sendable {
        public enum Signal: Sendable {
            case event(Event)
            /// Somebody called `poke()`.
            case poke
            /// The client has left, or has been disconnected.
            case end
        }

        struct State {
            /// The client knows that it is in.
            var isIn = false
            var hasEnded = false
            var isPoked = false
            /// Events to hear; those before `heard` were.
            var events: [Event] = []
            var heard = 0
            var hearer: UnsafeContinuation<Void, Never>?
            var lastAck = 0
            var asked: [Int: UnsafeContinuation<[Value]?, Never>] = [:]
        }

        /// Not the session's, which is a secret of the client's: this one may be shown to others.
        public let id: String
        public let namespace: String
        /// The request that opened the client's session.
        public var opening: EngineIO.Opening { client.session.opening }
        let client: Client
        let state = Locked(State())
        /// More questions than this at a time go unanswered: a client that answers none must not cost more and more.
        static let mostAsked = 256

        init(in namespace: String, of client: Client) {
            id = EngineIO.randomID()
            self.namespace = namespace
            self.client = client
        }

        /// The application knows who the client is, which gives its session the room of somebody who is known.
        public func recognize() { client.session.recognize() }

        /// The life of a socket, in a task of its own on the session's loop.
        func live(_ accept: Accept, _ shown: ShownOnce, report: @Sendable (any Error) -> Void) async {
            guard let serve = await admit(accept, shown, report), client.letIn(self) else { return }
            state.withLock { $0.isIn = true }
            await serve(self)
            disconnect()
            forgetUnheard()
        }

        /// Asks the application. What the client showed is gone when it has answered, except for what the application took out of it.
        private func admit(_ accept: Accept, _ shown: ShownOnce, _ report: @Sendable (any Error) -> Void) async -> Serving? {
            guard let entry = shown.take() else { return nil }
            do {
                return try await accept(entry)
            } catch let denial as Denial {
                client.deny(self, denial)
            } catch let refusal as Refusal {
                client.deny(self, Denial(refusal.message, data: ["error": .text(refusal.status.code.description)]))
            } catch {
                report(error)
                client.deny(self, Denial("Something went wrong on our side"))
            }
            return nil
        }

        // MARK: - What comes

        /// Waits for an event, a poke or the end. What the client said before it left is still heard.
        public func next() async -> Signal {
            while true {
                if let (signal, size) = state.withLock({ Self.takeSignal(&$0) }) {
                    if size > 0 { client.isHeard(size) }
                    return signal
                }
                await withUnsafeContinuation { continuation in
                    let mustWait = state.withLock { state in
                        guard state.heard == state.events.count, !state.isPoked, !state.hasEnded else { return false }
                        precondition(state.hearer == nil, "a socket is heard by one task")
                        state.hearer = continuation
                        return true
                    }
                    if !mustWait { continuation.resume() }
                }
            }
        }

        private static func takeSignal(_ state: inout State) -> (Signal, size: Int)? {
            if state.heard < state.events.count {
                let event = state.events[state.heard]
                state.heard += 1
                if state.heard == state.events.count {
                    state.events.removeAll(keepingCapacity: state.heard < 64)
                    state.heard = 0
                }
                return (.event(event), event.size)
            }
            if state.hasEnded { return (.end, 0) }
            guard state.isPoked else { return nil }
            state.isPoked = false
            return (.poke, 0)
        }

        /// False when the client could not yet know that it is in.
        func deliver(_ event: Event) -> Bool {
            client.waits(event.size)
            let (isTaken, hasEnded, hearer) = state.withLock { state -> (Bool, Bool, UnsafeContinuation<Void, Never>?) in
                guard state.isIn, !state.hasEnded else { return (false, state.hasEnded, nil) }
                state.events.append(event)
                defer { state.hearer = nil }
                return (true, false, state.hearer)
            }
            if !isTaken { client.isHeard(event.size) }
            hearer?.resume()
            return isTaken || hasEnded
        }

        /// Gives the client back the room of what nobody will hear.
        private func forgetUnheard() {
            let size = state.withLock { state in
                defer {
                    state.events = []
                    state.heard = 0
                }
                return state.events[state.heard...].reduce(0) { $0 + $1.size }
            }
            if size > 0 { client.isHeard(size) }
        }

        func deliver(_ arguments: [Value], to id: Int) {
            // An answer that nobody waits for any more is no fault of the client's.
            state.withLock { $0.asked.removeValue(forKey: id) }?.resume(returning: arguments)
        }

        /// Makes `next()` answer `.poke`, once for any number of pokes before it is asked. From any thread.
        public func poke() {
            let hearer = state.withLock { state in
                state.isPoked = true
                defer { state.hearer = nil }
                return state.hearer
            }
            hearer?.resume()
        }

        /// Nothing more comes, and nobody is answered.
        func end() {
            let (hearer, asked) = state.withLock { state in
                state.hasEnded = true
                defer {
                    state.hearer = nil
                    state.asked = [:]
                }
                return (state.hearer, Array(state.asked.values))
            }
            hearer?.resume()
            for continuation in asked { continuation.resume(returning: nil) }
        }
    }
}
