//! How GitHub says no.

use serde::Deserialize;

use crate::http::Response;

/// GitHub's message in brackets, fit to be shown behind a cause; where there is none, what came instead.
pub fn remark(response: &Response) -> String {
    #[derive(Deserialize)]
    struct Body {
        message: String,
    }
    response.remark("GitHub", response.json::<Body>().map(|body| body.message).as_deref())
}
