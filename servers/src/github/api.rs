//! Which GitHub is spoken to, and how.

use clap::Args;
use jiff::civil::Date;
use plumbing::{BaseUrl, Code, Environment, Failure};

use crate::http::{Method, Request};

/// The variable of the REST base.
pub const GITHUB_API_URL: &str = "GITHUB_API_URL";
const DEFAULT_BASE: &str = "https://api.github.com";

/// The older of the two versions that live (<https://docs.github.com/en/rest/about-the-rest-api/api-versions>): an
/// Enterprise Server knows only the versions that its release ships, and every one of them knows this.
const DEFAULT_VERSION: &str = "2022-11-28";

/// Which GitHub is asked, and by which version of its API.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct GithubFlags {
    /// GitHub's REST base [env: GITHUB_API_URL] [default: api.github.com]
    #[arg(long, value_name = "URL", help_heading = "Servers")]
    pub github_api_url: Option<String>,
    /// Version of GitHub's REST API, a date [default: 2022-11-28]
    #[arg(long, value_name = "DATE", value_parser = version, help_heading = "Servers")]
    pub github_api_version: Option<String>,
}

impl GithubFlags {
    /// Takes from the environment what no flag says.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] for a REST base that cannot be used.
    pub fn resolve(&self, environment: &Environment) -> Result<GithubApi, Failure> {
        let mut api = GithubApi::configured(self.github_api_url.as_deref(), environment)?;
        if let Some(version) = &self.github_api_version {
            api.version.clone_from(version);
        }
        Ok(api)
    }
}

/// What a REST base belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// github.com.
    Dotcom,
    /// GitHub Enterprise Cloud with data residency: `SUBDOMAIN.ghe.com`.
    DataResidency,
    /// GitHub Enterprise Server.
    EnterpriseServer,
}

/// A GitHub, by its REST base.
#[derive(Clone, Debug)]
pub struct GithubApi {
    /// The REST base, without a slash at its end.
    pub base: BaseUrl,
    version: String,
}

impl GithubApi {
    /// The GitHub that a flag or the environment names, or github.com.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] where it is no base that can be used.
    fn configured(flag: Option<&str>, environment: &Environment) -> Result<Self, Failure> {
        let url = match flag {
            Some(url) => Some(url.to_owned()),
            None => environment.text(&[GITHUB_API_URL])?,
        };
        let base = BaseUrl::parse(url.as_deref().unwrap_or(DEFAULT_BASE));
        base.map(Self::at).map_err(|cause| {
            Failure::new(Code::ConfigInvalid, format!("{GITHUB_API_URL} cannot be used"))
                .cause(cause)
                .fix(
                    "set it to GitHub's REST base: https://api.github.com, https://api.SUBDOMAIN.ghe.com, or \
                 https://HOST/api/v3 for GitHub Enterprise Server",
                )
        })
    }

    /// The GitHub at a REST base. The address of the website serves where the REST base follows from it.
    pub fn at(base: BaseUrl) -> Self {
        let website =
            base.host() == "github.com" || (base.host().ends_with(".ghe.com") && !base.host().starts_with("api."));
        let api = format!("api.{}", base.authority());
        let base = if website {
            base.with_authority(&api).with_path("")
        } else {
            base
        };
        Self {
            base,
            version: DEFAULT_VERSION.to_owned(),
        }
    }

    /// The version of the REST API that is asked for, a date.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What the base belongs to.
    pub fn product(&self) -> Product {
        match self.base.host() {
            "api.github.com" => Product::Dotcom,
            host if host.ends_with(".ghe.com") => Product::DataResidency,
            _ => Product::EnterpriseServer,
        }
    }

    /// The host of the website and of git, with its port where it has one: what `gh` calls `GH_HOST`.
    pub fn git_host(&self) -> &str {
        let authority = self.base.authority();
        match self.product() {
            Product::EnterpriseServer => authority,
            Product::Dotcom | Product::DataResidency => authority.strip_prefix("api.").unwrap_or(authority),
        }
    }

    /// The base below which GraphQL stands, at `/graphql`
    /// (<https://docs.github.com/en/graphql/guides/forming-calls-with-graphql#the-graphql-endpoint>).
    pub fn graphql_base(&self) -> BaseUrl {
        let path = match self.product() {
            // Beside REST's `/api/v3`.
            Product::EnterpriseServer => self.base.path().strip_suffix("/v3").unwrap_or("/api"),
            Product::Dotcom | Product::DataResidency => self.base.path(),
        };
        self.base.clone().with_path(path)
    }

    /// A request with the headers that GitHub asks for.
    pub fn request(&self, method: Method, path: &str) -> Request<'_> {
        Request::new(method, &self.base, path)
            .header("Accept", "application/vnd.github+json")
            .header("X-GitHub-Api-Version", self.version.as_str())
    }
}

/// Reads a version: GitHub names them by dates.
fn version(text: &str) -> Result<String, String> {
    text.parse::<Date>()
        .map(|date| date.to_string())
        .map_err(|_| format!("a version is a date, such as {DEFAULT_VERSION}"))
}

#[cfg(test)]
mod tests {
    use super::{GithubApi, Product};
    use plumbing::BaseUrl;

    #[test]
    fn every_product_has_its_base_its_git_host_and_graphql() {
        let dotcom = (
            "https://api.github.com",
            Product::Dotcom,
            "github.com",
            "https://api.github.com",
        );
        let data_residency = (
            "https://api.octo.ghe.com",
            Product::DataResidency,
            "octo.ghe.com",
            "https://api.octo.ghe.com",
        );
        let enterprise_server = (
            "https://ghe.example.com:8443/api/v3",
            Product::EnterpriseServer,
            "ghe.example.com:8443",
            "https://ghe.example.com:8443/api",
        );
        for (url, (base, product, git_host, graphql)) in [
            ("https://api.github.com/", dotcom),
            ("https://github.com", dotcom),
            ("github.com", dotcom),
            ("https://api.octo.ghe.com", data_residency),
            ("https://octo.ghe.com/", data_residency),
            ("https://ghe.example.com:8443/api/v3/", enterprise_server),
        ] {
            let api = GithubApi::at(BaseUrl::parse(url).expect("a base"));
            assert_eq!(api.base.to_string(), base, "{url}");
            assert_eq!((api.product(), api.git_host()), (product, git_host), "{url}");
            assert_eq!(api.graphql_base().to_string(), graphql, "{url}");
        }
    }
}
