//! The yardstick for ticket routes: hyper and tokio-postgres as somebody who cares for speed would set them up.
//! `peer-hyper-tickets PORT THREADS`, with `DATABASE_URL` and `JWT_SECRET` in the environment. It keeps no log and no metrics.
mod desk;
mod routes;
mod shapes;
mod token;

use std::convert::Infallible;

use hyper::service::{make_service_fn, service_fn};
use hyper::Server;

use desk::Desk;
use routes::Routes;
use token::Keys;

async fn serve(port: u16) {
    let setting = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let desk = Desk::open(&setting("DATABASE_URL")).await.expect("the database answers");
    // Lives as long as the process, so that no request has to count references.
    let routes: &'static Routes = Box::leak(Box::new(Routes { desk, keys: Keys::new(&setting("JWT_SECRET")) }));
    let service = make_service_fn(move |_| async move {
        Ok::<_, Infallible>(service_fn(move |request| async move { Ok::<_, Infallible>(routes.answer(request).await) }))
    });
    Server::bind(&([127, 0, 0, 1], port).into()).tcp_nodelay(true).serve(service).await.expect("the server runs until it is killed");
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = || arguments.next().and_then(|text| text.parse::<u16>().ok()).expect("peer-hyper-tickets PORT THREADS");
    let (port, threads) = (number(), number());
    let runtime = if threads == 1 {
        tokio::runtime::Builder::new_current_thread().enable_all().build()
    } else {
        tokio::runtime::Builder::new_multi_thread().worker_threads(threads.into()).enable_all().build()
    };
    runtime.expect("a runtime can be made").block_on(serve(port));
}
