//! Who is asking: the bearer token's signature and expiry are checked on every request, and its claims believed.
use hyper::header::AUTHORIZATION;
use hyper::{Body, Request};
use jsonwebtoken::{decode, Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use uuid::Uuid;

pub struct Keys {
    key: DecodingKey,
    validation: Validation,
}

pub struct Caller {
    pub id: Uuid,
    pub is_staff: bool,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    role: String,
}

impl Keys {
    pub fn new(secret: &str) -> Keys {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        Keys { key: DecodingKey::from_secret(secret.as_bytes()), validation }
    }

    pub fn caller(&self, request: &Request<Body>) -> Option<Caller> {
        let token = request.headers().get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
        let claims = decode::<Claims>(token, &self.key, &self.validation).ok()?.claims;
        let is_staff = matches!(claims.role.as_str(), "agent" | "admin");
        Some(Caller { id: Uuid::parse_str(&claims.sub).ok()?, is_staff })
    }
}
