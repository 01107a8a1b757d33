//! Cloudflare Access in front of Infisical.

use crate::script::Canned;
use crate::server::Request;

use super::settings::Cloudflare;

/// The team whose login page the redirect leads to.
const TEAM: &str = "raxx-sandbox";

/// The answer of Cloudflare, where it does not let the request through.
pub(super) fn check(cloudflare: &Cloudflare, request: &Request) -> Option<Canned> {
    let Cloudflare::Required {
        client_id,
        client_secret,
    } = cloudflare
    else {
        return None;
    };
    match (
        request.header("CF-Access-Client-Id"),
        request.header("CF-Access-Client-Secret"),
    ) {
        (Some(id), Some(secret)) if id == client_id && secret == client_secret => None,
        (Some(_), Some(_)) => Some(refused()),
        // Without a whole service token the caller is taken for a person with a browser.
        _ => Some(log_in(request)),
    }
}

fn log_in(request: &Request) -> Canned {
    let host = request.header("Host").unwrap_or_default();
    let back = request
        .target
        .replace('%', "%25")
        .replace('/', "%2F")
        .replace('?', "%3F")
        .replace('&', "%26");
    let key = format!("{:032x}", fastrand::u128(..));
    let location = format!(
        "https://{TEAM}.cloudflareaccess.com/cdn-cgi/access/login/{host}?kid={key}&meta={key}&redirect_url={back}"
    );
    marked(Canned::html(302, "<html>\r\n<head><title>302 Found</title></head>\r\n<body>\r\n<center><h1>302 Found</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"))
        .header("Location", &location)
        .header("Cache-Control", "private, max-age=0, no-store, no-cache, must-revalidate")
}

fn refused() -> Canned {
    let page = "<!DOCTYPE html>\n<html>\n<head><title>Forbidden ・ Cloudflare Access</title></head>\n\
                <body>\n<h1>Forbidden</h1>\n<p>You don't have permission to view this. \
                Please contact your system administrator.</p>\n</body>\n</html>\n";
    marked(Canned::html(403, page))
}

fn marked(canned: Canned) -> Canned {
    let ray = format!("{:016x}-FRA", fastrand::u64(..));
    canned.header("Server", "cloudflare").header("CF-RAY", &ray)
}
