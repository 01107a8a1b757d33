//! The App: what GitHub is asked to make, and what it hands over, once.

use std::collections::BTreeMap;

use gh_install_token::Level;
use plumbing::{Code, Context, Failure, text};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use servers::github::GithubApi;
use servers::http::{Client, Method};

/// GitHub's limit for the name of an App, in characters.
const LONGEST_NAME: usize = 34;

/// What is asked for.
pub(crate) struct Wanted {
    pub(crate) name: String,
    /// The login of the account that is to own it.
    pub(crate) owner: String,
    /// Whether that is a person's, and no organization.
    pub(crate) is_personal: bool,
    pub(crate) permissions: BTreeMap<String, Level>,
    pub(crate) homepage: String,
}

impl Wanted {
    /// The manifest
    /// (<https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest#github-app-manifest-parameters>).
    ///
    /// Without `hook_attributes`, whose `url` GitHub would ask for: an App without a webhook. Without `setup_url`: it would stay with
    /// the App for good.
    pub(crate) fn manifest(&self, redirect_url: &str) -> Value {
        json!({
            "name": self.name,
            "url": self.homepage,
            "redirect_url": redirect_url,
            "public": false,
            "default_permissions": self.permissions,
        })
    }

    /// Where the form goes: a page of GitHub's website.
    pub(crate) fn form(&self, website: &str) -> String {
        if self.is_personal {
            return format!("{website}/settings/apps/new");
        }
        format!("{website}/organizations/{}/settings/apps/new", self.owner)
    }
}

/// What GitHub hands over for a code. Two more secrets stand in the answer, which a bot has no use for: they are not read. Nothing but
/// id and key has to be as it is described: they cannot be had again.
#[derive(Deserialize)]
pub(crate) struct Made {
    #[serde(deserialize_with = "number")]
    pub(crate) id: u64,
    slug: Option<Value>,
    owner: Option<Value>,
    permissions: Option<Value>,
    html_url: Option<Value>,
    pub(crate) pem: SecretString,
}

/// A number, or a text that is one.
fn number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let of_text = || value.as_str().and_then(|text| text.parse().ok());
    value
        .as_u64()
        .or_else(of_text)
        .ok_or_else(|| serde::de::Error::custom("no number"))
}

/// Who owns an App.
#[derive(Deserialize)]
pub(crate) struct Owner {
    pub(crate) login: String,
    /// `Organization` or `User`.
    pub(crate) r#type: Option<String>,
}

impl Made {
    /// The App's name in addresses, which need not be the one that was asked for: the person may change it.
    pub(crate) fn slug(&self) -> String {
        let address = self.html_url.as_ref().and_then(Value::as_str).unwrap_or_default();
        let of_address = || address.rsplit('/').next().unwrap_or_default().to_owned();
        let own = self.slug.as_ref().and_then(Value::as_str).map(str::to_owned);
        own.unwrap_or_else(of_address)
    }

    /// Its page on GitHub's website, as GitHub tells it; else where it is on github.com.
    pub(crate) fn page(&self, website: &str) -> String {
        match self.html_url.as_ref().and_then(Value::as_str) {
            Some(page) => page.to_owned(),
            None => format!("{website}/apps/{}", self.slug()),
        }
    }

    /// The login of its owner; empty where GitHub has not told.
    pub(crate) fn owner(&self) -> &str {
        let owner = self.owner.as_ref().and_then(|owner| owner["login"].as_str());
        owner.unwrap_or_default()
    }

    /// What it may not do of what was asked for, in words.
    pub(crate) fn lacks(&self, wanted: &Wanted) -> Vec<String> {
        let lacking = wanted
            .permissions
            .iter()
            .filter(|(name, asked)| self.level(name).is_none_or(|has| has < **asked));
        lacking.map(|(name, _)| name.clone()).collect()
    }

    fn level(&self, name: &str) -> Option<Level> {
        self.permissions.as_ref()?[name].as_str()?.parse().ok()
    }

    /// Why it is not the App that was asked for: the browser may be logged in as somebody else, or the code somebody else's.
    ///
    /// # Errors
    /// [`Code::GithubManifest`]: nothing of it is stored.
    pub(crate) fn compare(&self, wanted: &Wanted, website: &str) -> Result<(), Failure> {
        let kind = self.owner.as_ref().and_then(|owner| owner["type"].as_str());
        // What GitHub does not tell cannot be compared; the state has told already whose answer it is.
        let is_owners = self.owner().is_empty()
            || wanted.owner.eq_ignore_ascii_case(self.owner())
                && kind.is_none_or(|kind| (kind == "User") == wanted.is_personal);
        let granted = self.permissions.as_ref().and_then(Value::as_object);
        let mut names = granted.into_iter().flat_map(|granted| granted.keys());
        let may_more = names.find(|name| {
            let asked = wanted.permissions.get(*name).copied();
            asked.is_none_or(|asked| self.level(name).is_none_or(|level| level > asked))
        });
        let cause = if !is_owners {
            let owner = if self.owner().is_empty() {
                "nobody that GitHub names"
            } else {
                self.owner()
            };
            format!(
                "it belongs to {}, not to {}",
                text::quote(owner),
                text::quote(&wanted.owner)
            )
        } else if let Some(name) = may_more {
            format!("it may do more than was asked for: {}", text::quote(name))
        } else {
            return Ok(());
        };
        let summary = format!("App {} is not the one that was asked for", text::quote(&self.slug()));
        Err(Failure::new(Code::GithubManifest, summary)
            .cause(format!("{cause}; nothing of it was stored, and its key is dropped"))
            .fix(format!(
                "delete it on {}, and start again",
                text::quote(&self.page(website))
            )))
    }
}

/// Exchanges the code for the App and its key
/// (<https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest>).
///
/// # Errors
/// [`Code::GithubConnection`] and [`Code::GithubManifest`]; whether another try may help tells [`Failure::http_status`].
pub(crate) fn convert(context: &Context, api: &GithubApi, code: &SecretString) -> Result<Made, Failure> {
    #[derive(Deserialize)]
    struct Body {
        message: String,
    }
    // Whoever has the code has the key, until it is used.
    let path = format!("/app-manifests/{}/conversions", code.expose_secret());
    let request = api.request(Method::Post, &path).secret(code.clone());
    // Once: the first of several has the key in its answer, and whether that was lost is to be known.
    let response = Client::new(context)?.send_once(&request).map_err(|error| {
        // Whether an App came into being is not known then.
        let failure = error.into_failure(Code::GithubConnection, "GitHub API", &api.base);
        failure.fix("check the network, and https://www.githubstatus.com")
    })?;
    if response.is_success() {
        return response.json().ok_or_else(|| {
            Failure::new(Code::GithubManifest, "GitHub's answer about the new App cannot be read")
                .fix("look at the account's list of Apps: delete the new one there, or make a key on its page")
        });
    }
    let (cause, fix) = match response.status {
        404 => (
            "GitHub does not know the code: it was used, is older than an hour, or is another GitHub's",
            "click once more",
        ),
        401 => (
            "GitHub asks for a login, which this call has none of: a fault of GitHub's that was seen to last some hours",
            "try later",
        ),
        422 => ("GitHub finds something wrong with the App", "start again"),
        403 | 429 => ("too many requests from this address", "try later"),
        _ => ("GitHub is in trouble", "look at https://www.githubstatus.com"),
    };
    // Its message, and nothing else of an answer that may hold the App's secrets.
    let said = response
        .json::<Body>()
        .map(|body| format!(" (GitHub says “{}”)", response.shown(&body.message)));
    Err(
        Failure::new(Code::GithubManifest, format!("GitHub API returned {}", response.status))
            .cause(format!("{cause}{}", said.unwrap_or_default()))
            .fix(fix)
            .answered(response.status, response.request_id.clone()),
    )
}

/// Refuses names that GitHub or Infisical would refuse later, or would make another of.
///
/// # Errors
/// [`Code::Usage`].
pub(crate) fn refuse_odd_names(bot: &str, owner: &str) -> Result<(), Failure> {
    let is_slug = |name: &str, upper: bool| {
        !name.is_empty()
            && name.chars().all(|letter| {
                letter.is_ascii_digit()
                    || letter == '-'
                    || letter.is_ascii_lowercase()
                    || upper && letter.is_ascii_alphabetic()
            })
    };
    if bot.chars().count() > LONGEST_NAME || !is_slug(bot, false) {
        return Err(Failure::new(
            Code::Usage,
            format!("{} cannot be the name of an App and of a folder", text::quote(bot)),
        )
        .cause(format!(
            "it is of lower-case letters, digits and dashes, {LONGEST_NAME} at most"
        ))
        .fix("write raxx-dev-bot"));
    }
    // A name with underscores is that of an enterprise's managed users.
    if !is_slug(&owner.replace('_', "-"), true) {
        // The address of its page, perhaps.
        let last = owner.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let last = last.trim_start_matches('@');
        let name = if is_slug(last, true) {
            last
        } else {
            "a login, such as MooseQuest"
        };
        return Err(
            Failure::new(Code::Usage, format!("{} is no login of GitHub's", text::quote(owner)))
                .cause("it is of letters, digits and dashes")
                .fix(format!("write {name}")),
        );
    }
    Ok(())
}
