//! Where the key goes: by strace, which sees every file and every child; and a real browser, which clicks.

use std::fs::{self, File, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tests::keys::BotKey;
use tests::programs;

use super::{Desk, MAKE, Sitting};

/// Runs a line under strace, a browser and Infisical's CLI in front of it; at its end what strace saw.
fn traced(desk: &Desk, line: &str, stdin: &str, plays: impl FnOnce(&mut Sitting)) -> String {
    let home = tempfile::tempdir().unwrap();
    let log = home.path().join("log");
    for name in ["xdg-open", "infisical"] {
        let program = home.path().join(name);
        fs::write(&program, "#!/bin/sh\nexit 1\n").unwrap();
        fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    }
    let folder = home.path().join(".infisical");
    fs::create_dir(&folder).unwrap();
    let config = json!({"LoggedInUserDomain": desk.sandbox.infisical().base_url()});
    fs::write(folder.join("infisical-config.json"), config.to_string()).unwrap();
    let input = home.path().join("input");
    fs::write(&input, stdin).unwrap();
    let mut command = desk.command("strace");
    command
        .args(["-f", "-qq", "-v", "-s", "65536", "-o"])
        .arg(&log)
        .args([
            "-e",
            "trace=execve,open,openat,openat2,creat,rename,renameat,renameat2,link,linkat,memfd_create,mkdir,mkdirat",
            "--",
        ])
        .arg(programs::path("raxx-provision"))
        .args(line.split_whitespace())
        .env("HOME", home.path())
        .env("PATH", format!("{}:/usr/bin:/bin", home.path().display()))
        .stdin(Stdio::from(File::open(&input).unwrap()));
    let mut sitting = Sitting::of(&mut command);
    plays(&mut sitting);
    let ended = sitting.end().is(0, &[]);
    assert!(
        !desk.holds_a_key(&format!("{}{}", ended.out, ended.told)),
        "{}",
        ended.told
    );
    fs::read_to_string(log).unwrap()
}

/// What is no file; and the lock of a login, which the doctor's is: empty, and called by a hash.
const NO_FILES: [&str; 4] = ["\"/dev/null\"", "\"/dev/tty\"", "/raxx-mint.login-", ".lock\""];

/// Files that were written to, opened so, or made.
fn written(log: &str) -> Vec<&str> {
    let calls = log
        .lines()
        .filter(|line| !line.contains(" = -1 ") && !line.contains("execve("));
    let changes = calls.filter(|line| {
        let is_opened_to_read =
            line.contains("open") && !["O_WRONLY", "O_RDWR", "O_CREAT"].iter().any(|how| line.contains(how));
        // A resumed call was told when it began.
        !is_opened_to_read && line.contains('(') && !line.contains("resumed>")
    });
    changes
        .filter(|line| !NO_FILES.iter().any(|known| line.contains(known)))
        .collect()
}

#[test]
fn the_key_touches_no_file_and_no_child_by_any_way() {
    needs!("strace");
    let desk = Desk::new();
    let new = BotKey::pooled(3);
    let bot = desk.sandbox.bot("raxx-dev-bot").clone();
    let app_id = desk.sandbox.bot("raxx-ops-bot").app_id;
    let pem_of_ops = desk.sandbox.bot("raxx-ops-bot").key.pkcs1_pem();
    let make = MAKE.replace("--no-browser", "");
    let adopt = format!("raxx-ops-bot --resume --app-id {app_id} --wait 0");
    desk.sandbox.infisical().change(|settings| {
        settings.folders.remove("/MooseQuest/raxx-ops-bot");
    });
    let plays_nothing = |_: &mut Sitting| {};
    let mut logs = vec![traced(&desk, &make, "", Sitting::goes_through)];
    desk.sandbox
        .github()
        .change(|settings| settings.app(bot.app_id).key = Some(new.clone()));
    for (line, stdin) in [
        ("raxx-dev-bot --rotate", new.pkcs1_pem()),
        (adopt.as_str(), pem_of_ops),
        ("raxx-dev-bot --retire --yes", String::new()),
    ] {
        logs.push(traced(&desk, line, &stdin, plays_nothing));
    }
    let apps = desk.sandbox.github().settings().apps;
    let keys: Vec<_> = apps.iter().filter_map(|app| app.key.as_ref()).collect();
    let lines: Vec<String> = keys
        .iter()
        .flat_map(|key| key.pkcs1_pem().lines().skip(1).map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| line.len() > 40)
        .collect();
    for log in &logs {
        assert_eq!(written(log), Vec::<&str>::new());
        let children: Vec<_> = log.lines().filter(|line| line.contains("execve(")).collect();
        for child in &children {
            assert!(lines.iter().all(|line| !child.contains(line)), "{child}");
        }
        // All but the program itself, to which the operator gave it.
        for child in children.iter().filter(|child| !child.contains("raxx-provision\", [")) {
            assert!(!child.contains(&desk.session), "{child}");
        }
    }
    assert!(logs[0].contains("xdg-open\", ["), "a child was seen: {}", logs[0]);
}

/// A headless Chromium, driven by its own protocol over a pipe
/// (<https://chromedevtools.github.io/devtools-protocol/>).
struct Chromium {
    child: Child,
    to: File,
    from: BufReader<File>,
    calls: u32,
    session: Option<String>,
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Chromium {
    fn start(folder: &Path) -> Self {
        let pipes = [folder.join("to"), folder.join("from")];
        assert!(Command::new("mkfifo").args(&pipes).status().unwrap().success());
        // It has the pipes as 3 and 4. It looks up nothing of its own, and keeps what it has below that folder.
        let line = "exec chromium --headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync \
                    --disable-background-networking --disable-component-update --remote-debugging-pipe \
                    --user-data-dir=\"$0/profile\" 3<\"$0/to\" 4>\"$0/from\"";
        let child = Command::new("sh")
            .args(["-c", line])
            .arg(folder)
            .env("HOME", folder)
            .env("TMPDIR", folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let [to, from] = &pipes;
        let mut own = Self {
            child,
            to: File::options().write(true).open(to).unwrap(),
            from: BufReader::new(File::open(from).unwrap()),
            calls: 0,
            session: None,
        };
        let target = own.call("Target.createTarget", &json!({"url": "about:blank"}))["targetId"].clone();
        let attached = own.call("Target.attachToTarget", &json!({"targetId": target, "flatten": true}));
        own.session = attached["sessionId"].as_str().map(str::to_owned);
        own
    }

    fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.calls += 1;
        let mut message = json!({"id": self.calls, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let mut bytes = vec![];
            assert_ne!(self.from.read_until(0, &mut bytes).unwrap(), 0, "{method}");
            let answer: Value = serde_json::from_slice(bytes.strip_suffix(b"\0").unwrap()).unwrap();
            if answer["id"] == self.calls {
                return answer["result"].clone();
            }
        }
    }

    /// Asks the page until it says yes: it may be on its way still.
    fn wait_for(&mut self, expression: &str) {
        while self.call("Runtime.evaluate", &json!({"expression": expression}))["result"]["value"] != json!(true) {}
    }

    fn open(&mut self, address: &str) {
        self.call("Page.navigate", &json!({"url": address}));
    }

    fn click(&mut self, id: &str) {
        self.wait_for(&format!("!!document.getElementById('{id}')"));
        self.call(
            "Runtime.evaluate",
            &json!({"expression": format!("document.getElementById('{id}').click()")}),
        );
    }

    fn reads(&mut self, words: &str) {
        self.wait_for(&format!("document.body.innerText.includes('{words}')"));
    }
}

#[test]
fn a_real_browser_gets_from_nothing_to_a_bot_with_two_clicks() {
    needs!("chromium", "mkfifo");
    let folder = tempfile::tempdir().unwrap();
    let mut chromium = Chromium::start(folder.path());
    let desk = Desk::new();
    let mut sitting = desk.start(MAKE);
    let page = sitting.address_in("then Create GitHub App");
    chromium.open(&page);
    chromium.click("go");
    chromium.click("create");
    chromium.reads("Go on in the terminal");
    let page = sitting.address_in("click Install");
    chromium.open(&page);
    chromium.click("install");
    chromium.reads("Installed");
    sitting.end().is(0, &["raxx-new-bot is ready."]);
    // Loaded again, the page is gone, and nothing was asked for twice.
    assert_eq!(desk.asked("/app-manifests"), 1);
}
