internal import Storage

extension Migration {
    /// What admins have written in place of the templates that are built in. A row without words stands for the built-in ones again, so
    /// that its revision never counts down.
    static let emailTemplates = Migration(
        "m008_email_templates",
        #"""
        CREATE TABLE email_templates (
            name text COLLATE "C" NOT NULL PRIMARY KEY,
            subject text,
            body text,
            updated_at bigint NOT NULL,
            revision bigint NOT NULL
        );
        """#)
}
