//! The platform as far as js-sys and web-sys do not have it: a Durable Object's storage, one call to the health object.

use js_sys::Array;
use routing::Moment;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Response, ResponseInit};

/// What the platform refuses, or a script of ours throws.
pub(crate) type Result<T> = std::result::Result<T, JsValue>;

#[wasm_bindgen]
extern "C" {
    /// The storage of a Durable Object.
    pub type Storage;

    #[wasm_bindgen(method, catch, js_name = getAlarm)]
    async fn get_alarm(this: &Storage) -> Result<JsValue>;

    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    async fn set_alarm(this: &Storage, at: f64) -> Result<JsValue>;

    #[wasm_bindgen(method, catch, js_name = deleteAlarm)]
    async fn delete_alarm(this: &Storage) -> Result<JsValue>;

    #[wasm_bindgen(method, getter)]
    fn sql(this: &Storage) -> Sql;

    type Sql;

    #[wasm_bindgen(method, catch, variadic)]
    fn exec(this: &Sql, statement: &str, values: &Array) -> Result<Cursor>;

    type Cursor;

    #[wasm_bindgen(method, catch)]
    fn raw(this: &Cursor) -> Result<js_sys::Iterator>;

    #[wasm_bindgen(js_name = String)]
    fn string(value: &JsValue) -> String;
}

#[wasm_bindgen(module = "/src/platform.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = askHealthObject)]
    async fn ask_health_object(env: &JsValue, path: &str, body: Option<&str>) -> Result<JsValue>;

    /// Makes a probe; its status and the beginning of its body come back, null where nothing came in time.
    #[wasm_bindgen(catch)]
    pub(crate) async fn probe(url: &str, headers: &JsValue, timeout: u32) -> Result<JsValue>;
}

impl Storage {
    /// When the alarm rings; `None`: it is not set.
    pub(crate) async fn alarm(&self) -> Result<Option<Moment>> {
        Ok(self.get_alarm().await?.as_f64().map(moment))
    }

    /// Sets the alarm, or sees to it that there is none.
    pub(crate) async fn arm(&self, at: Option<Moment>) -> Result<()> {
        #[expect(clippy::cast_precision_loss, reason = "a moment of this era is below 2^53")]
        let armed = match at {
            Some(at) => self.set_alarm(at.millis() as f64).await,
            None => self.delete_alarm().await,
        };
        armed.map(drop)
    }

    /// Executes a statement and answers with the first value of its first row, if that is a text.
    pub(crate) fn execute(&self, statement: &str, values: &[&str]) -> Result<Option<String>> {
        let values: Array = values.iter().map(|value| JsValue::from_str(value)).collect();
        let row = self.sql().exec(statement, &values)?.raw()?.next()?.value();
        Ok(row.dyn_into::<Array>().ok().and_then(|row| row.get(0).as_string()))
    }
}

/// What the health object answers to a request: the status and the body.  One without a body only reads.
pub(crate) async fn ask(env: &JsValue, path: &str, body: Option<&str>) -> Result<(u16, String)> {
    let answer: Array = ask_health_object(env, path, body).await?.unchecked_into();
    let [status, body] = [answer.get(0), answer.get(1)];
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
    Ok((status.as_f64().unwrap_or_default() as u16, body.as_string().unwrap_or_default()))
}

/// A response that is a text.
pub(crate) fn response(status: u16, body: &str) -> Result<Response> {
    let init = ResponseInit::new();
    init.set_status(status);
    Response::new_with_opt_str_and_init(Some(body), &init)
}

/// What was thrown, in words for the log.
pub(crate) fn words(thrown: &JsValue) -> String {
    string(thrown)
}

pub(crate) fn now() -> Moment {
    moment(js_sys::Date::now())
}

/// A number of milliseconds as the platform gives it.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
pub(crate) fn moment(millis: f64) -> Moment {
    Moment::from_millis(millis as u64)
}
