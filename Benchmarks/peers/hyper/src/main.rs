//! The yardstick: hyper as somebody who cares for speed would set it up. `peer-hyper PORT THREADS`.
use std::convert::Infallible;
use std::time::Instant;

use hyper::header::{HeaderValue, CONTENT_TYPE};
use hyper::service::{make_service_fn, service_fn};
use hyper::{Body, Method, Request, Response, Server, StatusCode};
use serde::Serialize;

/// The fields that `GET /health` of Martlet answers, written by serde for each request, as an application would.
#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
    uptime: u64,
}

fn answer(request: &Request<Body>, started: Instant) -> Response<Body> {
    if request.method() != Method::GET || request.uri().path() != "/health" {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    }
    let health = Health { status: "ok", version: "0.1.0", uptime: started.elapsed().as_secs() };
    let body = serde_json::to_vec(&health).expect("three plain fields can always be written");
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

async fn serve(port: u16) {
    let started = Instant::now();
    let service = make_service_fn(move |_| async move {
        Ok::<_, Infallible>(service_fn(move |request| async move { Ok::<_, Infallible>(answer(&request, started)) }))
    });
    Server::bind(&([127, 0, 0, 1], port).into())
        .tcp_nodelay(true)
        .http1_pipeline_flush(true)
        .serve(service)
        .await
        .expect("the server runs until it is killed");
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = || arguments.next().and_then(|text| text.parse::<u16>().ok()).expect("peer-hyper PORT THREADS");
    let (port, threads) = (number(), number());
    let runtime = if threads == 1 {
        tokio::runtime::Builder::new_current_thread().enable_all().build()
    } else {
        tokio::runtime::Builder::new_multi_thread().worker_threads(threads.into()).enable_all().build()
    };
    runtime.expect("a runtime can be made").block_on(serve(port));
}
