//! What goes over the wire: Martlet's ticket, comment and page, read from a row and written by serde without a copy between.
use std::borrow::Cow;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use tokio_postgres::Row;
use uuid::Uuid;

pub struct Id(pub Uuid);
/// Milliseconds since 1970, written as RFC 3339.
pub struct Time(pub i64);

#[derive(Serialize)]
pub struct Requester<'a> {
    id: Id,
    name: &'a str,
    email: &'a str,
}

#[derive(Serialize)]
pub struct Person<'a> {
    id: Id,
    name: &'a str,
}

#[derive(Serialize)]
pub struct Author<'a> {
    id: Id,
    name: &'a str,
    role: &'a str,
}

#[derive(Serialize)]
pub struct Ticket<'a> {
    id: Id,
    number: i64,
    title: &'a str,
    description: &'a str,
    status: &'a str,
    priority: &'a str,
    category: Option<&'a str>,
    r#type: Option<&'a str>,
    tags: &'a RawValue,
    requester: Requester<'a>,
    assignee: Option<Person<'a>>,
    support_role: &'a str,
    channel: &'a str,
    embed_token: Id,
    comment_count: i64,
    created_at: Time,
    updated_at: Time,
    first_responded_at: Option<Time>,
    resolved_at: Option<Time>,
    closed_at: Option<Time>,
    revision: i64,
}

impl<'a> Ticket<'a> {
    pub fn from(row: &'a Row) -> Ticket<'a> {
        Ticket {
            id: Id(row.get(0)),
            number: row.get(1),
            title: row.get(2),
            description: row.get(3),
            status: row.get(4),
            priority: row.get(5),
            category: row.get(6),
            r#type: row.get(7),
            tags: serde_json::from_str(row.get(8)).expect("the column holds what was written as JSON"),
            requester: Requester { id: Id(row.get(9)), name: row.get(10), email: row.get(11) },
            assignee: row.get::<_, Option<Uuid>>(12).map(|id| Person { id: Id(id), name: row.get(13) }),
            support_role: row.get(14),
            channel: row.get(15),
            embed_token: Id(row.get(16)),
            comment_count: row.get(17),
            created_at: Time(row.get(18)),
            updated_at: Time(row.get(19)),
            first_responded_at: row.get::<_, Option<i64>>(20).map(Time),
            resolved_at: row.get::<_, Option<i64>>(21).map(Time),
            closed_at: row.get::<_, Option<i64>>(22).map(Time),
            revision: row.get(23),
        }
    }
}

#[derive(Serialize)]
pub struct Comment<'a> {
    id: Id,
    ticket_id: Id,
    author: Author<'a>,
    content: &'a str,
    comment_type: &'a str,
    attachments: [(); 0],
    created_at: Time,
    updated_at: Time,
}

impl<'a> Comment<'a> {
    pub fn from(row: &'a Row) -> Comment<'a> {
        Comment {
            id: Id(row.get(0)),
            ticket_id: Id(row.get(1)),
            author: Author { id: Id(row.get(2)), name: row.get(3), role: row.get(4) },
            content: row.get(5),
            comment_type: row.get(6),
            attachments: [],
            created_at: Time(row.get(7)),
            updated_at: Time(row.get(8)),
        }
    }
}

#[derive(Serialize)]
pub struct Page<'a> {
    pub items: Vec<Ticket<'a>>,
    pub next: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTicket<'a> {
    #[serde(borrow)]
    pub title: Cow<'a, str>,
    #[serde(borrow)]
    pub description: Cow<'a, str>,
    pub priority: Option<Priority>,
    pub category: Option<String>,
    pub r#type: Option<String>,
    #[serde(default)]
    pub tags: Vec<String>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    Low,
    Medium,
    High,
    Urgent,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewComment<'a> {
    #[serde(borrow)]
    pub content: Cow<'a, str>,
    pub comment_type: Option<CommentType>,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum CommentType {
    Public,
    Private,
}

impl Priority {
    pub fn word(self) -> &'static str {
        match self {
            Priority::Low => "low",
            Priority::Medium => "medium",
            Priority::High => "high",
            Priority::Urgent => "urgent",
        }
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = Uuid::encode_buffer();
        serializer.serialize_str(self.0.as_hyphenated().encode_lower(&mut text))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (days, rest) = (self.0.div_euclid(86_400_000), self.0.rem_euclid(86_400_000));
        // Days since 1970 to a date of the Gregorian calendar, counted from 1 March of the year 0.
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let mut put = |at: usize, digits: usize, mut number: i64| {
            for place in (at..at + digits).rev() {
                text[place] = b'0' + (number % 10) as u8;
                number /= 10;
            }
        };
        put(0, 4, year);
        put(5, 2, month);
        put(8, 2, day);
        put(11, 2, rest / 3_600_000);
        put(14, 2, rest / 60_000 % 60);
        put(17, 2, rest / 1000 % 60);
        put(20, 3, rest % 1000);
        serializer.serialize_str(std::str::from_utf8(&text).expect("digits are ASCII"))
    }
}
