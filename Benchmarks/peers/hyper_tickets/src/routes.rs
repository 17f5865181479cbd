//! The four routes, each one statement.
use std::time::{SystemTime, UNIX_EPOCH};

use hyper::header::{HeaderValue, CONTENT_TYPE, LOCATION};
use hyper::{Body, Method, Request, Response, StatusCode};
use serde::Serialize;
use tokio_postgres::error::SqlState;
use tokio_postgres::Error;
use uuid::Uuid;

use crate::desk::Desk;
use crate::shapes::{Comment, CommentType, NewComment, NewTicket, Page, Priority, Ticket};
use crate::token::{Caller, Keys};

const LARGEST_BODY: u64 = 1 << 20;

pub struct Routes {
    pub desk: Desk,
    pub keys: Keys,
}

pub enum Refusal {
    Status(StatusCode),
    Database(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        Refusal::Database(error)
    }
}

type Answer = Result<Response<Body>, Refusal>;

const NOT_FOUND: Refusal = Refusal::Status(StatusCode::NOT_FOUND);
const BAD: Refusal = Refusal::Status(StatusCode::BAD_REQUEST);

/// A ticket is named by its id or by its number.
enum Name {
    Id(Uuid),
    Number(i64),
}

impl Name {
    fn parse(text: &str) -> Option<Name> {
        Uuid::parse_str(text).map(Name::Id).ok().or_else(|| text.parse().map(Name::Number).ok())
    }
}

impl Routes {
    pub async fn answer(&self, request: Request<Body>) -> Response<Body> {
        match self.route(request).await {
            Ok(response) => response,
            Err(Refusal::Status(status)) => refusal(status),
            Err(Refusal::Database(error)) => {
                eprintln!("{error}");
                refusal(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }

    async fn route(&self, request: Request<Body>) -> Answer {
        let path = request.uri().path();
        if path == "/health" {
            return Ok(Response::new(Body::from("{\"status\":\"ok\"}")));
        }
        let caller = self.keys.caller(&request).ok_or(Refusal::Status(StatusCode::UNAUTHORIZED))?;
        let rest = path.strip_prefix("/tickets").ok_or(NOT_FOUND)?;
        match (request.method(), rest.strip_prefix('/')) {
            (&Method::GET, None) if rest.is_empty() => self.page(&caller, request.uri().query().unwrap_or("")).await,
            (&Method::POST, None) if rest.is_empty() => self.open_ticket(&caller, request).await,
            (&Method::GET, Some(name)) => self.ticket(&caller, Name::parse(name).ok_or(NOT_FOUND)?).await,
            (&Method::POST, Some(rest)) => {
                let name = rest.strip_suffix("/comments").and_then(Name::parse).ok_or(NOT_FOUND)?;
                self.comment(&caller, name, request).await
            }
            _ => Err(NOT_FOUND),
        }
    }

    async fn ticket(&self, caller: &Caller, name: Name) -> Answer {
        let link = self.desk.link();
        let row = match name {
            Name::Id(id) => link.client.query_opt(&link.by_id, &[&id]).await?,
            Name::Number(number) => link.client.query_opt(&link.by_number, &[&number]).await?,
        };
        let row = row.filter(|row| caller.is_staff || row.get::<_, Uuid>(9) == caller.id).ok_or(NOT_FOUND)?;
        Ok(json(StatusCode::OK, &Ticket::from(&row)))
    }

    async fn page(&self, caller: &Caller, query: &str) -> Answer {
        if !caller.is_staff {
            return Err(Refusal::Status(StatusCode::FORBIDDEN));
        }
        let (mut status, mut limit, mut cursor) = ("open", 20, None);
        for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match key {
                "status" => status = value,
                "limit" => limit = value.parse().ok().filter(|number| (1..=100i64).contains(number)).ok_or(BAD)?,
                "cursor" => cursor = Some(read_cursor(value).ok_or(BAD)?),
                _ => return Err(BAD),
            }
        }
        let link = self.desk.link();
        // One more than is shown tells whether there is another page.
        let mut rows = match cursor {
            None => link.client.query(&link.first_page, &[&status, &(limit + 1)]).await?,
            Some((time, id)) => link.client.query(&link.next_page, &[&status, &(limit + 1), &time, &id]).await?,
        };
        let more = rows.len() as i64 > limit;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|row| write_cursor(row.get(18), row.get(0)));
        Ok(json(StatusCode::OK, &Page { items: rows.iter().map(Ticket::from).collect(), next }))
    }

    async fn open_ticket(&self, caller: &Caller, request: Request<Body>) -> Answer {
        let body = body(request).await?;
        let new: NewTicket = serde_json::from_slice(&body).map_err(|_| BAD)?;
        check_length(&new.title, 255)?;
        check_length(&new.description, 65_536)?;
        let tags = serde_json::to_string(&new.tags).expect("strings can be written");
        let (now, priority) = (now(), new.priority.unwrap_or(Priority::Medium).word());
        let link = self.desk.link();
        let row = link
            .client
            .query_one(
                &link.open_ticket,
                &[
                    &new_id(now), &new.title, &new.description, &priority, &new.category, &new.r#type, &tags, &caller.id,
                    &Uuid::new_v4(), &now,
                ],
            )
            .await?;
        Ok(created(format!("/tickets/{}", row.get::<_, Uuid>(0)), &Ticket::from(&row)))
    }

    async fn comment(&self, caller: &Caller, name: Name, request: Request<Body>) -> Answer {
        let body = body(request).await?;
        let new: NewComment = serde_json::from_slice(&body).map_err(|_| BAD)?;
        check_length(&new.content, 65_536)?;
        let kind = if new.comment_type == Some(CommentType::Private) { "private" } else { "public" };
        let link = self.desk.link();
        let ticket = match name {
            Name::Id(id) => id,
            Name::Number(number) => link.client.query_opt(&link.by_number, &[&number]).await?.ok_or(NOT_FOUND)?.get(0),
        };
        let now = now();
        let row = match link.client.query_one(&link.add_comment, &[&new_id(now), &ticket, &caller.id, &new.content, &kind, &now]).await {
            // The foreign key says whether there is such a ticket.
            Err(error) if error.code() == Some(&SqlState::FOREIGN_KEY_VIOLATION) => return Err(NOT_FOUND),
            row => row?,
        };
        Ok(created(format!("/tickets/{ticket}/comments/{}", row.get::<_, Uuid>(0)), &Comment::from(&row)))
    }
}

async fn body(request: Request<Body>) -> Result<hyper::body::Bytes, Refusal> {
    let length = request.headers().get("content-length").and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.ok_or(Refusal::Status(StatusCode::LENGTH_REQUIRED))? > LARGEST_BODY {
        return Err(Refusal::Status(StatusCode::PAYLOAD_TOO_LARGE));
    }
    hyper::body::to_bytes(request.into_body()).await.map_err(|_| BAD)
}

fn check_length(text: &str, most: usize) -> Result<(), Refusal> {
    if text.is_empty() || text.chars().count() > most { Err(BAD) } else { Ok(()) }
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_millis() as i64
}

/// A UUID of version 7: the time, then chance.
fn new_id(now: i64) -> Uuid {
    let chance = Uuid::new_v4().as_u128() & ((1 << 76) - 1);
    Uuid::from_u128((now as u128) << 80 | 7 << 76 | chance)
}

fn write_cursor(time: i64, id: Uuid) -> String {
    let mut bytes = [0; 24];
    bytes[..8].copy_from_slice(&time.to_be_bytes());
    bytes[8..].copy_from_slice(id.as_bytes());
    base64::encode_config(bytes, base64::URL_SAFE_NO_PAD)
}

fn read_cursor(text: &str) -> Option<(i64, Uuid)> {
    let bytes = base64::decode_config(text, base64::URL_SAFE_NO_PAD).ok()?;
    let (time, id) = (bytes.get(..8)?, bytes.get(8..)?);
    Some((i64::from_be_bytes(time.try_into().ok()?), Uuid::from_slice(id).ok()?))
}

fn json(status: StatusCode, value: &impl Serialize) -> Response<Body> {
    let mut response = Response::new(Body::from(serde_json::to_vec(value).expect("plain fields can always be written")));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn created(location: String, value: &impl Serialize) -> Response<Body> {
    let mut response = json(StatusCode::CREATED, value);
    response.headers_mut().insert(LOCATION, HeaderValue::from_str(&location).expect("a path of ids is a header value"));
    response
}

fn refusal(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("{{\"error\":\"{status}\"}}")));
    *response.status_mut() = status;
    response
}
