//! `spile explore` on a real terminal: what tmux shows of it, against a real server.

use std::process::Stdio;
use std::time::Duration;

use spile_proto::v1::LogRecord;
use spile_tests::{Server, ServerOptions, program};
use tempfile::TempDir;
use tokio::process::Command;

use crate::support::{append, numbered, patiently, record};

/// A terminal of 100 by 20 in which a shell runs `spile explore` and then tells its exit status.
struct Terminal {
    folder: TempDir,
}

impl Terminal {
    async fn explore(server: &Server, arguments: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("tmux.conf");
        std::fs::write(&config, "set -g status off\n").unwrap();
        let terminal = Self { folder };
        // A shell that people use: it gives jobs the terminal.
        let shell = format!("env SPILE_ADDR={} TZ=UTC PS1='shell> ' sh -i", server.address);
        let new = ["new-session", "-d", "-x", "100", "-y", "20", &shell];
        terminal.tmux(&[&["-f", config.to_str().unwrap()], &new[..]].concat()).await;
        terminal.shows("shell>").await;
        let command =
            format!("clear; {} explore {arguments}; echo ended with $?", program("spile").display());
        terminal.keys(&[&command, "Enter"]).await;
        terminal
    }

    async fn tmux(&self, arguments: &[&str]) -> String {
        let mut tmux = Command::new("tmux");
        tmux.arg("-S").arg(self.folder.path().join("socket")).args(arguments).env_remove("TMUX");
        let output = tmux.stdin(Stdio::null()).output().await.expect("tmux starts: apt-get install tmux");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "tmux {arguments:?}: {told}");
        String::from_utf8(output.stdout).unwrap()
    }

    async fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p"]).await
    }

    /// Waits until the screen is as wanted.
    async fn until(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let mut screen = String::new();
        let looking = async {
            loop {
                screen = self.screen().await;
                if wanted(&screen) {
                    return;
                }
                // Terminals do not tell when they change.
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        };
        if tokio::time::timeout(Duration::from_secs(60), looking).await.is_err() {
            panic!("{what} did not come; the screen shows\n{screen}");
        }
        screen
    }

    async fn shows(&self, text: &str) -> String {
        self.until(text, |screen| screen.contains(text)).await
    }

    /// Waits until the marked record is the one at this offset.
    async fn stands_at(&self, offset: u64) -> String {
        self.shows(&format!("offset {offset} of")).await
    }

    async fn keys(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat()).await;
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let socket = self.folder.path().join("socket");
        // It is gone with its last shell, should it have ended already.
        let _ended = std::process::Command::new("tmux")
            .arg("-S")
            .arg(socket)
            .arg("kill-server")
            .stderr(Stdio::null())
            .status();
    }
}

async fn filled(records: u64) -> Server {
    let server = Server::start().await.unwrap();
    append(&server, "default", numbered("line", 0..records)).await;
    server
}

#[tokio::test]
async fn it_follows_scrolls_without_end_and_comes_back() {
    let server = filled(5_000).await;
    let terminal = Terminal::explore(&server, "").await;
    terminal.shows("line 4999").await;
    append(&server, "default", vec![record("just arrived", 9)]).await;
    terminal.shows("just arrived").await;
    terminal.shows("FOLLOWING").await;
    terminal.keys(&["g"]).await;
    terminal
        .until("the first line", |screen| screen.contains("line 0\n") && screen.contains("offset 0 of"))
        .await;
    terminal.keys(&["Space"]).await;
    terminal.stands_at(18).await;
    terminal.keys(&["G"]).await;
    let screen = terminal.shows("just arrived").await;
    assert!(screen.contains("line 4999"));
    // Back over more than was read at first.
    patiently("the first line", async {
        while !terminal.screen().await.contains("offset 0 of") {
            terminal.keys(&["b"; 20]).await;
        }
    })
    .await;
    terminal.keys(&["q"]).await;
    let shell = terminal.shows("ended with 0").await;
    assert!(!shell.contains("line"), "the other screen is gone:\n{shell}");
}

#[tokio::test]
async fn it_filters_searches_and_jumps() {
    let server = filled(2_000).await;
    let terminal = Terminal::explore(&server, "").await;
    terminal.shows("line 1999").await;
    terminal.keys(&["E"]).await;
    terminal.stands_at(1_990).await;
    terminal.keys(&["E"]).await;
    terminal.stands_at(1_980).await;
    terminal.keys(&["e"]).await;
    terminal.stands_at(1_990).await;
    terminal.keys(&["e"]).await;
    terminal.shows("no later error").await;
    // From the end back.
    terminal.keys(&["G", "/", "\"line 77\"", "Enter"]).await;
    terminal.stands_at(779).await;
    terminal.keys(&["N"]).await;
    terminal.stands_at(778).await;
    terminal.keys(&[":", "770", "Enter"]).await;
    terminal.stands_at(770).await;
    terminal.keys(&["n"]).await;
    terminal.stands_at(771).await;
    terminal.keys(&["N"]).await;
    terminal.stands_at(770).await;
    // Far away from what was read.
    terminal.keys(&["N"]).await;
    terminal.stands_at(77).await;
}

#[tokio::test]
async fn a_bad_filter_is_told_where_it_was_typed() {
    let server = filled(300).await;
    let terminal = Terminal::explore(&server, "-l error").await;
    terminal.shows("line 290").await;
    terminal.keys(&["&", "severity>=", "Enter"]).await;
    terminal.shows("&severity>= ").await;
    terminal.keys(&["FATAL", "Enter"]).await;
    terminal.shows("nothing that matches yet").await;
    terminal.keys(&["&", "C-u", "\"line 28\"", "Enter"]).await;
    let screen = terminal.shows("line 280").await;
    assert!(!screen.contains("line 281") && screen.contains("level error  & \"line 28\""), "{screen}");
    terminal.keys(&["5"]).await;
    terminal.shows("without ERROR").await;
    terminal.shows("nothing that matches").await;
}

#[tokio::test]
async fn a_record_is_shown_whole_and_with_what_stands_around_it() {
    let server = Server::start().await.unwrap();
    let mut records = numbered("line", 0..100);
    records[50] = LogRecord { trace_id: vec![0xab; 16], ..record("the \x1b[31mone\u{202e}", 17) };
    append(&server, "default", records).await;
    let terminal = Terminal::explore(&server, "one").await;
    // Nothing hostile gets through.
    terminal.shows("the \\x1b[31mone\\u{202e}").await;
    terminal.keys(&["Enter"]).await;
    terminal.shows("\"offset\": 50").await;
    terminal.keys(&["J"; 4]).await;
    terminal.shows(&"ab".repeat(16)).await;
    terminal.keys(&["Enter", "c"]).await;
    let screen = terminal.shows("line 49").await;
    assert!(
        screen.contains("line 45\n") && screen.contains("line 55\n") && !screen.contains("line 44"),
        "{screen}"
    );
    terminal.keys(&["c"]).await;
    terminal.until("the context to go", |screen| !screen.contains("line")).await;
    terminal.keys(&["?"]).await;
    terminal.shows("next, previous error").await;
}

#[tokio::test]
async fn a_pause_stops_reading_and_the_streams_can_be_picked() {
    let server = filled(100).await;
    append(&server, "other", numbered("elsewhere", 0..10)).await;
    let terminal = Terminal::explore(&server, "").await;
    terminal.shows("line 99").await;
    terminal.keys(&["p"]).await;
    terminal.shows("PAUSED").await;
    append(&server, "default", numbered("later", 0..3)).await;
    // A round trip of another kind comes back, and nothing of it is shown.
    terminal.keys(&["E"]).await;
    let screen = terminal.stands_at(90).await;
    assert!(!screen.contains("later"), "{screen}");
    terminal.keys(&["p", "G"]).await;
    terminal.shows("later 2").await;
    terminal.keys(&["s"]).await;
    terminal.shows("other").await;
    terminal.keys(&["j", "Enter"]).await;
    terminal.shows("elsewhere 9").await;
}

#[tokio::test]
async fn the_terminal_comes_back_as_it_was() {
    let server = filled(100).await;
    for (keys, code) in [(&["C-c"][..], 130), (&["q"], 0)] {
        let terminal = Terminal::explore(&server, "").await;
        terminal.shows("line 99").await;
        terminal.keys(keys).await;
        terminal.shows(&format!("ended with {code}")).await;
        // The shell hears what is typed, and shows it.
        terminal.keys(&["echo $((6 * 7))", "Enter"]).await;
        terminal.shows("\n42").await;
    }
    let terminal = Terminal::explore(&server, "").await;
    terminal.shows("line 99").await;
    let pane = terminal.tmux(&["display-message", "-p", "#{pane_pid}"]).await;
    let children = Command::new("pgrep").args(["-P", pane.trim()]).output().await.unwrap();
    let child = String::from_utf8(children.stdout).unwrap();
    let status = Command::new("kill").args(["-TERM", child.trim()]).status().await.unwrap();
    assert!(status.success());
    terminal.shows("ended with 143").await;
}

#[tokio::test]
async fn it_is_suspended_and_goes_on_and_follows_a_resize() {
    let server = filled(100).await;
    let terminal = Terminal::explore(&server, "").await;
    terminal.shows("line 99").await;
    terminal.keys(&["C-z"]).await;
    terminal
        .until("the shell's screen", |screen| !screen.contains("line") && screen.contains("shell>"))
        .await;
    append(&server, "default", vec![record("meanwhile", 9)]).await;
    terminal.keys(&["fg", "Enter"]).await;
    terminal.shows("meanwhile").await;
    terminal.tmux(&["resize-window", "-x", "60", "-y", "10"]).await;
    terminal
        .until("a smaller screen", |screen| screen.contains("meanwhile") && !screen.contains("line 85"))
        .await;
    terminal.tmux(&["resize-window", "-x", "120", "-y", "40"]).await;
    terminal
        .until("a larger screen", |screen| screen.contains("meanwhile") && screen.contains("line 70"))
        .await;
}

#[tokio::test]
async fn it_goes_on_by_itself_when_the_server_comes_back() {
    let mut server = filled(50).await;
    let terminal = Terminal::explore(&server, "").await;
    terminal.shows("line 49").await;
    server.kill().await.unwrap();
    terminal.shows("RECONNECTING").await;
    let next = ServerOptions::new().data_of(&server).listen(&server.address).start().await.unwrap();
    append(&next, "default", vec![record("after the restart", 9)]).await;
    let screen = terminal.shows("after the restart").await;
    assert_eq!(screen.matches("line 49").count(), 1, "nothing comes twice:\n{screen}");
    terminal.shows("FOLLOWING").await;
}
