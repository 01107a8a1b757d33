//! A secret that is planted in every input appears in no output but the document that was asked for.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tests::infisical::Cloudflare;
use tests::sandbox::Sandbox;
use tests::script::Canned;

use crate::chain::{Run, Told, program};

/// All secrets of a sandbox, by name.
fn planted(sandbox: &Sandbox) -> Vec<(String, String)> {
    let mut planted = vec![
        ("client secret".to_owned(), sandbox.identity().client_secret.clone()),
        ("Access secret".to_owned(), ACCESS_SECRET.to_owned()),
    ];
    for bot in sandbox.bots() {
        for (number, line) in bot
            .key
            .pkcs1_pem()
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.starts_with('-'))
        {
            planted.push((format!("line {number} of the key of {}", bot.name), line.to_owned()));
        }
    }
    for request in sandbox.journal().entries() {
        if let Some((_, token)) = request.header("authorization").and_then(|value| value.split_once(' ')) {
            planted.push((
                format!("the credential of {} {}", request.method, request.path),
                token.to_owned(),
            ));
        }
    }
    planted
}

const ACCESS_SECRET: &str = "4cce55-s3cret-0123456789";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox.infisical().change(|settings| {
        settings.cloudflare = Cloudflare::Required {
            client_id: "abc.access".to_owned(),
            client_secret: ACCESS_SECRET.to_owned(),
        };
    });
    sandbox
}

fn run(line: &str, sandbox: &Sandbox) -> Run {
    program(line)
        .against(sandbox)
        .env("CF_ACCESS_CLIENT_ID", "abc.access")
        .env("CF_ACCESS_CLIENT_SECRET", ACCESS_SECRET)
}

/// Neither whole nor in base64 nor its beginning.
fn assert_clean(told: &Told, stdout_too: bool, sandbox: &Sandbox) {
    for (name, secret) in planted(sandbox) {
        let beginning = secret.chars().take(12).collect::<String>();
        for form in [secret.clone(), BASE64_STANDARD.encode(&secret), beginning] {
            // Every session's and JWT's header is the same public text.
            if BASE64_STANDARD.encode("{\"alg\"").starts_with(&form) || form.starts_with("eyJ") && form.len() == 12 {
                continue;
            }
            assert!(!told.stderr.contains(&form), "{name} on standard error");
            assert!(!stdout_too || !told.stdout.contains(&form), "{name} on standard output");
        }
    }
}

#[test]
fn a_mint_that_works_shows_the_token_and_nothing_else() {
    let sandbox = sandbox();
    for flags in ["", "-v", "-v --error-format json", "--json -v"] {
        let told = run(&format!("raxx-mint --bot raxx-dev-bot {flags}"), &sandbox).run();
        assert_clean(&told, true, &sandbox);
        let token: String = told.stdout[told.stdout.find("ghs_").expect("a token")..]
            .chars()
            .take(40)
            .collect();
        assert!(!told.stderr.contains(&token), "the token on standard error");
    }
}

#[test]
fn steps_hand_on_their_document_and_show_no_secret_beside() {
    let sandbox = sandbox();
    let mut document = String::new();
    for step in [
        "infisical-login -v",
        "infisical-fetch --bot raxx-dev-bot -v",
        "gh-app-jwt -v",
        "gh-install-token -v",
    ] {
        let told = run(step, &sandbox).stdin(document).run();
        assert_clean(&told, false, &sandbox);
        let secret_of = |document: &str| {
            let document: Value = serde_json::from_str(document).unwrap();
            ["access_token", "PRIVATE_KEY_PEM", "jwt", "token"]
                .iter()
                .find_map(|field| Some(document.get(field)?.as_str()?.to_owned()))
        };
        let secret = secret_of(&told.stdout).expect("each document has one");
        assert!(!told.stderr.contains(&secret), "{step}");
        document = told.success();
    }
}

/// The worst server: it sends back what it was sent.
#[test]
fn a_server_that_echoes_credentials_gives_none_away() {
    let sandbox = sandbox();
    let identity = sandbox.identity();
    let echo = format!(
        "no {} with {} and {ACCESS_SECRET}",
        identity.client_id, identity.client_secret
    );
    for answer in [
        Canned::new(400).json(&json!({ "message": echo })),
        Canned::new(422).json(&json!({ "message": [{ "path": ["clientSecret"], "message": echo }] })),
        Canned::html(403, &format!("<title>{echo}</title>")),
        Canned::new(302).header(
            "Location",
            &format!("https://elsewhere.example.com/?secret={}", identity.client_secret),
        ),
        Canned::new(418).body(echo.clone()),
    ] {
        for flags in ["-v", "--error-format json"] {
            sandbox.infisical().answer_next("/login", 1, answer.clone());
            let told = run(&format!("infisical-login {flags}"), &sandbox).run().failure(10);
            assert_clean(&told, true, &sandbox);
            assert!(told.stderr.contains("[redacted]"), "{told}");
        }
    }
}

#[test]
fn an_echoed_session_jwt_or_token_is_redacted() {
    let sandbox = sandbox();
    let session = run("infisical-login", &sandbox).run().success();
    let access_token = serde_json::from_str::<Value>(&session).unwrap()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    sandbox.infisical().answer_next(
        "/secrets",
        1,
        Canned::new(400).json(&json!({ "message": format!("bad {access_token}") })),
    );
    let told = run("infisical-fetch --bot raxx-dev-bot -v", &sandbox)
        .stdin(session)
        .run()
        .failure(11);
    assert!(
        !told.stderr.contains(&access_token) && told.stderr.contains("bad [redacted]"),
        "{told}"
    );

    let secrets = json!({ "APP_ID": 3_501_352, "INSTALLATION_ID": 101, "PRIVATE_KEY_PEM": sandbox.bot("raxx-dev-bot").key.pkcs1_pem() });
    let document = run("gh-app-jwt", &sandbox).stdin(secrets.to_string()).run().success();
    let jwt = serde_json::from_str::<Value>(&document).unwrap()["jwt"]
        .as_str()
        .unwrap()
        .to_owned();
    let text = format!("bad {jwt}, use ghs_16C7e42F292c6912E7710c838347Ae178B4a");
    sandbox
        .github()
        .answer_next("/access_tokens", 1, Canned::new(401).json(&json!({ "message": text })));
    let told = run("gh-install-token -v", &sandbox).stdin(document).run().failure(14);
    assert!(
        !told.stderr.contains(&jwt) && told.stderr.contains("bad [redacted], use [redacted]"),
        "{told}"
    );
}

#[test]
fn a_secret_in_the_wrong_place_is_not_quoted() {
    let sandbox = sandbox();
    let key = sandbox.bot("raxx-dev-bot").key.pkcs1_pem();
    for document in [
        json!({ "kind": "bot-secrets", "APP_ID": { "x": key }, "INSTALLATION_ID": 1, "PRIVATE_KEY_PEM": key }),
        json!({ "kind": "bot-secrets", "APP_ID": 1, "INSTALLATION_ID": 1, "PRIVATE_KEY_PEM": [key] }),
        json!({ "kind": "bot-secrets", "APP_ID": 1, "INSTALLATION_ID": 1, "PRIVATE_KEY_PEM": key.replace("RSA", "DSA") }),
        json!({ "kind": "bot-secrets", "APP_ID": 1, "INSTALLATION_ID": 1, "PRIVATE_KEY_PEM": key.replace("PRIVATE KEY", "SECRET") }),
    ] {
        let told = run("gh-app-jwt -v", &sandbox).stdin(document.to_string()).run();
        assert_ne!(told.code, Some(0));
        assert_clean(&told, true, &sandbox);
    }
    sandbox.infisical().change(|settings| {
        settings
            .folder("/MooseQuest/raxx-dev-bot")
            .set("APP_ID", &key)
            .set("INSTALLATION_ID", &key);
    });
    assert_clean(
        &run("raxx-mint --bot raxx-dev-bot -v", &sandbox).run().failure(12),
        true,
        &sandbox,
    );
}

/// Variables that are for something else, which people set to a secret, and programs quote where they cannot use them.
const FOR_SOMETHING_ELSE: [&str; 20] = [
    "INFISICAL_CLIENT_SECRET_FILE",
    "INFISICAL_CLIENT_ID_FILE",
    "INFISICAL_HOST",
    "INFISICAL_PROJECT_ID",
    "INFISICAL_ENV",
    "INFISICAL_PATH_PREFIX",
    "CF_ACCESS_CLIENT_SECRET_FILE",
    "INFISICAL_CUSTOM_HEADERS",
    "GITHUB_API_URL",
    "HTTPS_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "RAXX_MINT_CACHE",
    "RAXX_REQUIRE_BOT",
    "RAXX_BOTS",
    "RAXX_ACTING_AS",
    "XDG_RUNTIME_DIR",
    "GIT_CONFIG_COUNT",
    "GH_HOST",
    "LANG",
];

#[test]
fn a_secret_in_a_variable_for_something_else_is_not_quoted() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let line = sandbox
        .bot("raxx-dev-bot")
        .key
        .pkcs1_pem()
        .lines()
        .nth(3)
        .unwrap()
        .to_owned();
    let secrets = [
        sandbox.identity().client_secret.clone(),
        BASE64_STANDARD.encode(line.as_bytes().chunks(2).map(|pair| pair[0]).collect::<Vec<_>>()),
        // As Infisical's older tokens are.
        format!("st.{}", line.replace(['/', '+'], "_")),
        line,
    ];
    let programs = [
        "infisical-login",
        "infisical-fetch --bot raxx-dev-bot",
        "gh-install-token",
        "raxx-mint --bot raxx-dev-bot -v",
        "raxx-mint --list",
        "with-bot-token --git raxx-dev-bot true",
        "with-bot-token --renew raxx-dev-bot true",
        "git-credential-raxx --bot raxx-dev-bot get",
        "raxx-doctor",
    ];
    for (number, variable) in FOR_SOMETHING_ELSE.iter().enumerate() {
        for (other, line) in programs.iter().enumerate() {
            let secret = &secrets[(number + other) % secrets.len()];
            let told = program(line).against(&sandbox).env(variable, secret).run();
            let out = format!("{}{}", told.stdout, told.stderr);
            for part in [&secret[..10], &secret[secret.len() - 10..], &secret[14..24]] {
                assert!(!out.contains(part), "{variable} of {secret} in {line}: {part} in {out}");
            }
        }
    }
}

/// A core dump would hold the key. Where the system writes cores at all, which `cat` shows, the step leaves none.
#[cfg(target_os = "linux")]
#[test]
fn a_step_that_is_killed_while_it_reads_leaves_no_core() {
    let (cat, step) = (core_of("cat > /dev/null"), core_of("gh-app-jwt"));
    assert!(cat.0 && step.0, "both were killed by the signal");
    assert!(!step.1, "a core dump; cat's: {}", cat.1);
}

/// Runs a program without a limit on cores, kills it with SIGABRT while it reads; whether that was its end, and whether
/// it left a core.
#[cfg(target_os = "linux")]
fn core_of(line: &str) -> (bool, bool) {
    use std::io::Write;
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Command, Stdio};

    tests::programs::build();
    let folder = tempfile::tempdir().unwrap();
    let path = format!(
        "{}:{}",
        tests::programs::directory().display(),
        std::env::var("PATH").unwrap()
    );
    let mut program = Command::new("bash")
        .args(["-c", &format!("ulimit -c unlimited; exec {line}")])
        .env("PATH", path)
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    // More than a pipe holds (64 KiB): when all is written the program has begun to read, its start is behind it.
    program
        .stdin
        .as_mut()
        .unwrap()
        .write_all(&vec![b' '; 256 * 1024])
        .unwrap();
    // By the shell's own kill: not every machine has a program of that name.
    let killed = Command::new("sh")
        .args(["-c", "kill -s ABRT \"$0\"", &program.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let status = program.wait().unwrap();
    (status.signal().is_some(), status.core_dumped())
}

/// A process that stays beside a command for hours has minted with the key, and holds nothing of it.
#[cfg(target_os = "linux")]
#[test]
fn a_process_that_stays_holds_nothing_of_the_key() {
    use crate::early::wait_until;
    use crate::renew::{Shift, ended, send};

    for flags in ["--renew", "--revoke --git-identity"] {
        let shift = Shift::new();
        let child = shift.start(flags, "touch ready; exec sleep 600");
        wait_until(|| shift.home("ready").exists());
        let memory = memory_of(child.id());
        send("TERM", &child);
        ended(child);
        // Another user's, or one that may not be dumped, is root's to read.
        let Some(memory) = memory else { return };
        // As text, a letter for each byte: std searches that fast.
        let letters = |bytes: &[u8]| bytes.iter().map(|byte| char::from(*byte)).collect::<String>();
        let memory = letters(&memory);
        let holds = |part: &[u8]| memory.contains(&letters(part));
        let token = b"ghs_";
        assert!(
            holds(token),
            "{flags}: the token is there, so it was the memory that was read"
        );
        let pem = shift.workshop.sandbox.bot("raxx-dev-bot").key.pkcs1_pem();
        let lines: Vec<_> = pem.lines().filter(|line| line.len() == 64).collect();
        let der = BASE64_STANDARD.decode(lines[..20].concat()).unwrap();
        for line in &lines {
            assert!(!holds(&line.as_bytes()[..32]), "{flags}: a part of the key as text");
        }
        // Its first bytes are those of every key.
        for part in der[64..].chunks_exact(32).step_by(4) {
            assert!(!holds(part), "{flags}: a part of the key");
        }
    }
}

/// What a process has in its memory, but for what it maps from files; none where this user may not look.
#[cfg(target_os = "linux")]
fn memory_of(process: u32) -> Option<Vec<u8>> {
    use std::io::{Read, Seek, SeekFrom};

    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).ok()?;
    let mut file = std::fs::File::open(format!("/proc/{process}/mem")).ok()?;
    let mut memory = vec![];
    for map in maps.lines().filter(|map| map.contains(" rw") && !map.contains('/')) {
        let (from, to) = map.split(' ').next()?.split_once('-')?;
        let (from, to) = (u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?);
        file.seek(SeekFrom::Start(from)).ok()?;
        // What it has not touched yet cannot always be read.
        let _ = (&mut file).take(to - from).read_to_end(&mut memory);
    }
    Some(memory)
}
