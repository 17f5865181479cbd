//! The database: eight links, each with its statements prepared. Requests take them in turn, and tokio-postgres pipelines
//! what several requests ask of one link.
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_postgres::{Client, Error, NoTls, Statement};

const LINKS: usize = 8;

macro_rules! ticket {
    ($from:literal) => {
        concat!(
            "SELECT t.id, t.number, t.title, t.description, t.status, t.priority, t.category, t.type, t.tags, ",
            "t.requester_id, r.name, r.email, t.assignee_id, a.name, t.support_role, t.channel, t.embed_token, t.comment_count, ",
            "t.created_at, t.updated_at, t.first_responded_at, t.resolved_at, t.closed_at, t.revision FROM ",
            $from
        )
    };
}

const BY_ID: &str = ticket!("tickets t JOIN users r ON r.id = t.requester_id LEFT JOIN users a ON a.id = t.assignee_id WHERE t.id = $1");
const BY_NUMBER: &str =
    ticket!("tickets t JOIN users r ON r.id = t.requester_id LEFT JOIN users a ON a.id = t.assignee_id WHERE t.number = $1");
const FIRST_PAGE: &str = ticket!(
    "tickets t JOIN users r ON r.id = t.requester_id LEFT JOIN users a ON a.id = t.assignee_id
     WHERE t.status = $1 ORDER BY t.created_at DESC, t.id DESC LIMIT $2"
);
const NEXT_PAGE: &str = ticket!(
    "tickets t JOIN users r ON r.id = t.requester_id LEFT JOIN users a ON a.id = t.assignee_id
     WHERE t.status = $1 AND (t.created_at, t.id) < ($3, $4) ORDER BY t.created_at DESC, t.id DESC LIMIT $2"
);
const OPEN_TICKET: &str = concat!(
    "WITH t AS (INSERT INTO tickets (id, title, description, status, priority, category, type, tags, requester_id, support_role, channel,
     embed_token, comment_count, created_at, updated_at, revision)
     VALUES ($1, $2, $3, 'open', $4, $5, $6, $7, $8, 'general', 'api', $9, 0, $10, $10, 1) RETURNING *) ",
    ticket!("t JOIN users r ON r.id = t.requester_id LEFT JOIN users a ON a.id = t.assignee_id")
);
const ADD_COMMENT: &str = "
    WITH c AS (INSERT INTO comments (id, ticket_id, author_id, content, comment_type, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING *)
    SELECT c.id, c.ticket_id, c.author_id, u.name, u.role, c.content, c.comment_type, c.created_at, c.updated_at
    FROM c JOIN users u ON u.id = c.author_id";

pub struct Link {
    pub client: Client,
    pub by_id: Statement,
    pub by_number: Statement,
    pub first_page: Statement,
    pub next_page: Statement,
    pub open_ticket: Statement,
    pub add_comment: Statement,
}

pub struct Desk {
    links: Vec<Link>,
    turn: AtomicUsize,
}

impl Desk {
    pub async fn open(url: &str) -> Result<Desk, Error> {
        let mut links = Vec::new();
        for _ in 0..LINKS {
            links.push(Link::open(url).await?);
        }
        Ok(Desk { links, turn: AtomicUsize::new(0) })
    }

    pub fn link(&self) -> &Link {
        &self.links[self.turn.fetch_add(1, Ordering::Relaxed) % LINKS]
    }
}

impl Link {
    async fn open(url: &str) -> Result<Link, Error> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(async move { connection.await.expect("PostgreSQL stays for as long as the measurement") });
        Ok(Link {
            by_id: client.prepare(BY_ID).await?,
            by_number: client.prepare(BY_NUMBER).await?,
            first_page: client.prepare(FIRST_PAGE).await?,
            next_page: client.prepare(NEXT_PAGE).await?,
            open_ticket: client.prepare(OPEN_TICKET).await?,
            add_comment: client.prepare(ADD_COMMENT).await?,
            client,
        })
    }
}
