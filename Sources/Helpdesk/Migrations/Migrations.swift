public import Storage

/// Every step of the schema there ever was, in order. What is released is never edited.
public enum Migrations {
    public static let all: [Migration] = [
        .accounts, .tickets, .events, .knowledge, .search, .notifications, .attachments, .emailTemplates,
    ]
}
