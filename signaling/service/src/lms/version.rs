//! The version call: unsigned, in all the forms in which front ends send it.

use axum::Json;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::xml::Answer;

const VERSION: &str = "2.0";
const EMPTY: [&str; 4] = ["bbbVersion", "graphqlWebsocketUrl", "graphqlApiUrl", "html5PluginSdkVersion"];

/// The version of the API, as XML, or as JSON to whoever says `Content-Type: application/json`.
pub(super) async fn answer(headers: HeaderMap) -> Response {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
        let [bbb, socket, graphql, sdk] = EMPTY;
        return Json(json!({"response": {
            "returncode": "SUCCESS", "version": VERSION, "apiVersion": VERSION,
            bbb: "", socket: "", graphql: "", sdk: "",
        }}))
        .into_response();
    }
    let mut answer = Answer::success();
    answer.text("version", VERSION).text("apiVersion", VERSION);
    EMPTY.iter().for_each(|name| {
        answer.empty(name);
    });
    answer.into_response()
}
