//! How others reach the health object: by its binding, with small texts.

use worker::{Env, Method, Request, RequestInit, Response, Result};

use crate::configuration::variable;

/// The binding of the object's class.
const BINDING: &str = "HEALTH";

/// The variable that says where the object should live, such as `weur`.
const LOCATION_HINT: &str = "HEALTH_LOCATION";

/// There is one, under this name.
const NAME: &str = "health";

pub(crate) async fn post(env: &Env, path: &str, body: &str) -> Result<Response> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_body(Some(body.into()));
    send(env, Request::new_with_init(&format!("https://health{path}"), &init)?).await
}

pub(crate) async fn get(env: &Env, path: &str) -> Result<Response> {
    send(env, Request::new(&format!("https://health{path}"), Method::Get)?).await
}

async fn send(env: &Env, request: Request) -> Result<Response> {
    let objects = env.durable_object(BINDING)?;
    let stub = match variable(env, LOCATION_HINT).as_string() {
        Some(hint) => objects.get_by_name_with_location_hint(NAME, &hint)?,
        None => objects.get_by_name(NAME)?,
    };
    stub.fetch_with_request(request).await
}
