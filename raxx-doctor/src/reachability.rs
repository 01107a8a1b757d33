//! The way to a server: its name, the connection, TLS, and whether it is what it should be.

use jiff::{SignedDuration, Timestamp};
use plumbing::{BaseUrl, Code, Failure, text};
use servers::http::{Client, HttpError, Method, Response, Sight};
use servers::infisical::Infisical;
use x509_parser::parse_x509_certificate;

use crate::sheet::Sheet;

/// A certificate that ends sooner is worth a word, in days.
const SOON: i64 = 14;
/// A clock further off is worth a word. A JWT is dated back by a minute, so half of that is left.
const CLOCK_ERROR: SignedDuration = SignedDuration::from_secs(30);

/// Looks at the way to a server. Whether requests are worth a try.
pub(crate) fn examine(sheet: &mut Sheet<'_>, client: &Client, who: &str, base: &BaseUrl, code: Code) -> bool {
    sheet.group(format!("reachability of {who}"));
    sheet.begin(&format!("looking for {}", base.host()));
    let sight = client.look(base);
    if let Some(proxy) = &sight.proxy {
        sheet.ok("proxy", format!("{}, by HTTPS_PROXY or its like", text::quote(proxy)));
    }
    name(sheet, &sight, base, code) && connection(sheet, &sight, base, code) && tls(sheet, &sight, base, code)
}

fn name(sheet: &mut Sheet<'_>, sight: &Sight, base: &BaseUrl, code: Code) -> bool {
    let whose = sight.proxy.as_deref().map_or(base.host(), |proxy| proxy);
    match &sight.name.outcome {
        Ok(addresses) => {
            let first = addresses
                .first()
                .map(|address| address.ip().to_string())
                .unwrap_or_default();
            let more = match addresses.len() {
                0 | 1 => String::new(),
                all => format!(" and {} more", all - 1),
            };
            sheet
                .took(sight.name.took)
                .ok("DNS", format!("{} is {first}{more}", text::quote(whose)));
            true
        }
        Err(error) => {
            let failure = Failure::new(code, format!("{} has no address", text::quote(whose)))
                .cause(error.to_string())
                .fix("check the spelling of the host, this machine's resolver (VPN?), or set HTTPS_PROXY");
            sheet.took(sight.name.took).fail("DNS", failure);
            false
        }
    }
}

fn connection(sheet: &mut Sheet<'_>, sight: &Sight, base: &BaseUrl, code: Code) -> bool {
    let Some(part) = &sight.connection else {
        return false;
    };
    match (&part.outcome, &sight.proxy) {
        (Ok(()), None) => sheet
            .took(part.took)
            .ok("TCP", format!("{} accepts connections", base.authority())),
        (Ok(()), Some(_)) => sheet
            .took(part.took)
            .ok("TCP", format!("the proxy leads to {}", base.authority())),
        (Err(error), proxy) => {
            let fix = match (proxy, error) {
                (Some(_), error @ HttpError::Proxy(_)) => error.fix(base),
                (Some(proxy), _) => format!(
                    "check that {} is up and may reach {}",
                    text::quote(proxy),
                    base.authority()
                ),
                (None, _) => format!(
                    "check that {} is up, its port, and what firewall or VPN is in between",
                    base.authority()
                ),
            };
            let failure = Failure::new(code, format!("no connection to {}", base.authority()))
                .cause(error.to_string())
                .fix(fix);
            sheet.took(part.took).fail("TCP", failure);
        }
    }
    part.outcome.is_ok()
}

fn tls(sheet: &mut Sheet<'_>, sight: &Sight, base: &BaseUrl, code: Code) -> bool {
    let Some(part) = &sight.tls else {
        if !base.is_tls() {
            sheet.ok("TLS", "none: http:// to this machine itself");
        }
        return true;
    };
    let certificate = sight.certificate.as_deref().and_then(Certificate::read);
    let extra = match sight.extra_roots {
        0 => String::new(),
        1 => ", 1 extra root in use".to_owned(),
        more => format!(", {more} extra roots in use"),
    };
    sheet.took(part.took);
    match (&part.outcome, certificate) {
        (Ok(protocol), Some(Certificate { issuer, days })) => {
            let found = format!("{protocol}, certificate by {issuer}, {days} days left{extra}");
            if days <= SOON {
                sheet.warn(
                    "TLS",
                    found,
                    "the server's certificate ends soon",
                    format!("have whoever runs {} renew it", base.host()),
                );
            } else {
                sheet.ok("TLS", found);
            }
            true
        }
        (Ok(protocol), None) => {
            sheet.ok("TLS", format!("{protocol}{extra}"));
            true
        }
        (Err(error), certificate) => {
            sheet.fail("TLS", refused(error, certificate.as_ref(), base, code));
            false
        }
    }
}

fn refused(error: &HttpError, certificate: Option<&Certificate>, base: &BaseUrl, code: Code) -> Failure {
    let failure = Failure::new(code, format!("no TLS with {}", base.authority()));
    let failure = failure.fix(match error {
        HttpError::Tls(_) => error.fix(base),
        _ => format!("check that {} speaks TLS there, 1.2 or later", base.authority()),
    });
    match (error, certificate) {
        (HttpError::Tls(why), Some(Certificate { issuer, .. })) if why.is_about_trust() => {
            failure.cause(format!("{error} (issued by {issuer})"))
        }
        _ => failure.cause(error.to_string()),
    }
}

struct Certificate {
    issuer: String,
    /// Whole days until it ends.
    days: i64,
}

impl Certificate {
    fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = parse_x509_certificate(der).ok()?;
        let ends = certificate.validity().not_after.timestamp();
        let seconds = ends - Timestamp::now().as_second();
        Some(Self {
            issuer: format!("“{}”", text::quote(&certificate.issuer().to_string())),
            days: seconds.div_euclid(24 * 60 * 60),
        })
    }
}

/// Asks Infisical how it is, and finds out what stands in front of it. Whether a login is worth a try.
pub(crate) fn status(sheet: &mut Sheet<'_>, client: &Client, infisical: &Infisical) -> bool {
    const PATH: &str = "/api/status";
    sheet.begin("asking Infisical how it is");
    let response = match client.send(&infisical.request(Method::Get, PATH)) {
        Ok(response) => response,
        Err(error) => {
            sheet.fail(
                PATH,
                error.into_failure(Code::InfisicalLoginConnection, PATH, &infisical.host),
            );
            return false;
        }
    };
    if is_access(infisical, &response) {
        sheet.skip(PATH, "what stands in front of Infisical answers in its place");
        sheet.group("Cloudflare Access");
        sheet.fail("service token", infisical.refused_status(&response));
        return false;
    }
    if !response.is_success() || response.is_html() {
        sheet.fail(PATH, infisical.refused_status(&response));
        return false;
    }
    sheet.ok(PATH, response.status.to_string());
    clock(sheet, "Infisical", &response);
    access(sheet, client, infisical);
    true
}

/// Whether Cloudflare Access answers in Infisical's place.
fn is_access(infisical: &Infisical, response: &Response) -> bool {
    infisical.answer("the server", response).is_of_access()
}

/// Whether Cloudflare Access is in front at all shows only to those who come without its token.
fn access(sheet: &mut Sheet<'_>, client: &Client, infisical: &Infisical) {
    sheet.group("Cloudflare Access");
    if !infisical.has_service_token() {
        sheet.ok("service token", "nothing is in front, and none is configured");
        return;
    }
    sheet.begin("asking without the service token");
    match client.send(&infisical.without_headers().request(Method::Get, "/api/status")) {
        Ok(response) if is_access(infisical, &response) => {
            sheet.ok("service token", "in front, and it lets this service token through");
        }
        Ok(_) => sheet.ok(
            "service token",
            "nothing is in front of /api/status; the token is sent and not needed there",
        ),
        Err(error) => sheet.skip(
            "service token",
            format!("it could not be asked without the token: {error}"),
        ),
    }
}

/// Holds this machine's clock against a server's.
pub(crate) fn clock(sheet: &mut Sheet<'_>, who: &str, response: &Response) {
    let Some(theirs) = response.date() else {
        sheet.skip("clock", format!("{who} does not say what time it is"));
        return;
    };
    // The header has whole seconds.
    let offset = theirs.duration_since(Timestamp::now());
    let seconds = offset.as_secs().abs();
    if offset.abs() <= CLOCK_ERROR {
        return sheet.ok("clock", format!("within {} s of {who}'s", seconds.max(1)));
    }
    let which = if offset.is_negative() { "ahead of" } else { "behind" };
    sheet.warn(
        "clock",
        format!("{seconds} s {which} {who}'s"),
        "GitHub refuses a JWT by its own clock; raxx-mint signs once more by that one, gh-app-jwt cannot",
        "set this machine's clock, for example with `timedatectl set-ntp true`",
    );
}
