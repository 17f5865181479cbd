internal import HTTP
internal import Helpdesk

// The log is read in a task of its own: a session's task would keep the stack of it as long as it lasts.

extension WebSocketSession {
    func news(of follower: Follower) async throws -> Follower.News {
        if let news = follower.newsAtHand() { return news }
        return try await apart { try await follower.news() }
    }
}

extension EventStream {
    func news(of follower: Follower) async throws -> Follower.News {
        if let news = follower.newsAtHand() { return news }
        return try await apart { try await follower.news() }
    }
}
