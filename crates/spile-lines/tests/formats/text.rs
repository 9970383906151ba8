//! Lines of programs, runtimes and databases that begin with a time, a level, or nothing known.

use super::check;

#[test]
fn java_loggers() {
    check(&[
        (
            "2024-01-31 23:59:59,123 INFO  [main] org.example.App: started",
            r#"timestamped 2024-01-31T23:59:59.123Z? INFO scope=org.example.App | thread.name="main""#,
        ),
        (
            "2024-01-31 23:59:59,123 INFO org.example.App: started",
            "timestamped 2024-01-31T23:59:59.123Z? INFO scope=org.example.App",
        ),
        (
            "2024-01-31 23:59:59.123 [main] DEBUG c.example.Foo - text with - dashes: and colons",
            r#"timestamped 2024-01-31T23:59:59.123Z? DEBUG scope=c.example.Foo | thread.name="main""#,
        ),
        (
            "23:59:59.123 [main] DEBUG c.example.Foo - text",
            r#"timestamped 2024-05-31T23:59:59.123Z? DEBUG scope=c.example.Foo | thread.name="main""#,
        ),
        (
            "2024-01-31 23:59:59.123  INFO 1234 --- [           main] c.example.Demo                           : Started Demo",
            r#"timestamped 2024-01-31T23:59:59.123Z? INFO scope=c.example.Demo process.pid=1234 | thread.name="main""#,
        ),
        (
            "2024-01-31T23:59:59.123+01:00  INFO 1234 --- [shop] [nio-8080-exec-1] c.example.Demo : text",
            r#"timestamped 2024-01-31T22:59:59.123Z INFO scope=c.example.Demo service.name="shop" process.pid=1234 | thread.name="nio-8080-exec-1""#,
        ),
        (
            "2024-01-31T23:59:59.123+01:00  INFO 1234 --- [shop] [main] [4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7] c.example.Demo : text",
            r#"timestamped 2024-01-31T22:59:59.123Z INFO scope=c.example.Demo service.name="shop" process.pid=1234 trace=4bf92f3577b34da6a3ce929d0e0e4736 span=00f067aa0ba902b7 | thread.name="main""#,
        ),
        (
            "2024-01-31 23:59:59.123  INFO [shop,4bf92f3577b34da6a3ce929d0e0e4736,00f067aa0ba902b7] 1234 --- [main] c.example.Demo : text",
            r#"timestamped 2024-01-31T23:59:59.123Z? INFO scope=c.example.Demo service.name="shop" process.pid=1234 trace=4bf92f3577b34da6a3ce929d0e0e4736 span=00f067aa0ba902b7 | thread.name="main""#,
        ),
        (
            "2024-01-31 23:59:59,123 [myid:1] - WARN  [QuorumPeer[myid=1](plain=0:2181):QuorumCnxManager@584] - Cannot open channel",
            r#"timestamped 2024-01-31T23:59:59.123Z? WARN scope=QuorumCnxManager | thread.name="QuorumPeer[myid=1](plain=0:2181)" code.line.number=584"#,
        ),
        (
            "2024-01-31 23:59:59,123 - INFO  [main:QuorumPeerConfig@136] - Reading: x.cfg",
            r#"timestamped 2024-01-31T23:59:59.123Z? INFO scope=QuorumPeerConfig | thread.name="main" code.line.number=136"#,
        ),
        (
            "[2024-01-31 23:59:59,123] INFO [KafkaServer id=0] started (kafka.server.KafkaServer)",
            "timestamped 2024-01-31T23:59:59.123Z? INFO scope=kafka.server.KafkaServer",
        ),
        (
            "[2024-01-31 23:59:59,123] WARN [ReplicaManager broker=1] text (with, parts)",
            "timestamped 2024-01-31T23:59:59.123Z? WARN",
        ),
        (
            "[2024-01-31T23:59:59,123][INFO ][o.e.n.Node               ] [node-1] started",
            "timestamped 2024-01-31T23:59:59.123Z? INFO scope=o.e.n.Node",
        ),
        (
            "31-Jan-2024 23:59:59.123 SEVERE [main] org.apache.catalina.startup.Catalina.start text",
            r#"timestamped 2024-01-31T23:59:59.123Z? ERROR(SEVERE) | thread.name="main""#,
        ),
        (
            "31 Jan 2024 23:59:59,123 ERROR [worker-1] org.example.App - failed",
            r#"timestamped 2024-01-31T23:59:59.123Z? ERROR scope=org.example.App | thread.name="worker-1""#,
        ),
        (
            "2024-01-31 23:59:59 ERROR java.lang.IllegalStateException: no",
            "timestamped 2024-01-31T23:59:59Z? ERROR",
        ),
        (
            "2024-01-31 23:59:59,123 FATAL [uncaught handler] com.example.Main: out of memory",
            r#"timestamped 2024-01-31T23:59:59.123Z? FATAL scope=com.example.Main | thread.name="uncaught handler""#,
        ),
        (
            "2024-01-31 23:59:59,123 INFO  [main] c.e.App - trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7 trace_flags=01 done",
            r#"timestamped 2024-01-31T23:59:59.123Z? INFO scope=c.e.App trace=4bf92f3577b34da6a3ce929d0e0e4736 span=00f067aa0ba902b7 flags=1 | thread.name="main""#,
        ),
        ("Caused by: java.lang.IllegalStateException: no", "plain"),
        ("\tat org.example.App.main(App.java:12)", "plain"),
        ("    at Object.<anonymous> (/srv/app.js:1:1)", "plain"),
    ]);
}

#[test]
fn python_loggers() {
    check(&[
        (
            "2024-01-31 23:59:59,123 - my.logger - WARNING - text",
            "timestamped 2024-01-31T23:59:59.123Z? WARN(WARNING) scope=my.logger",
        ),
        (
            "2024-01-31 23:59:59,123 - root - INFO - Done: all",
            "timestamped 2024-01-31T23:59:59.123Z? INFO scope=root",
        ),
        (
            "2024-01-31 23:59:59,123 my.logger INFO text",
            "timestamped 2024-01-31T23:59:59.123Z? INFO scope=my.logger",
        ),
        ("2024-01-31 23:59:59,123 INFO my.logger text", "timestamped 2024-01-31T23:59:59.123Z? INFO"),
        ("2024-01-31 23:59:59,123:ERROR:root:text", "timestamped 2024-01-31T23:59:59.123Z? ERROR scope=root"),
        (
            "2024-01-31 23:59:59 myhost app.worker[1234] INFO text",
            "timestamped 2024-01-31T23:59:59Z? INFO scope=app.worker process.pid=1234",
        ),
        (
            "[2024-01-31 23:59:59,123] INFO in views: text",
            "timestamped 2024-01-31T23:59:59.123Z? INFO scope=views",
        ),
        (
            "[2024-01-31 23:59:59 +0100] [1234] [INFO] Listening at: http://0.0.0.0:8000 (1234)",
            "timestamped 2024-01-31T22:59:59Z INFO process.pid=1234",
        ),
        (
            "[2024-01-31 23:59:59,123: WARNING/MainProcess] text",
            r#"timestamped 2024-01-31T23:59:59.123Z? WARN(WARNING) | thread.name="MainProcess""#,
        ),
        (
            "[2024-01-31T23:59:59.123+0000] {taskinstance.py:1234} INFO - Marking task",
            r#"timestamped 2024-01-31T23:59:59.123Z INFO | code.file.path="taskinstance.py" code.line.number=1234"#,
        ),
        (
            "2024-01-31 23:59:59.123 | SUCCESS  | package.module:function:12 - text",
            r#"timestamped 2024-01-31T23:59:59.123Z? INFO(SUCCESS) scope=package.module | code.function.name="function" code.line.number=12"#,
        ),
        (
            "2024-01-31 23:59:59.123 | ERROR    | __main__:<module>:12 - text",
            r#"timestamped 2024-01-31T23:59:59.123Z? ERROR scope=__main__ | code.function.name="<module>" code.line.number=12"#,
        ),
        (
            "[I 2024-01-31 23:59:59.123 ServerApp] Jupyter is running",
            "timestamped 2024-01-31T23:59:59.123Z? INFO(I)",
        ),
        ("WARNING:root:text", "leveled WARN(WARNING) scope=root"),
        ("INFO:     127.0.0.1:1234 - \"GET / HTTP/1.1\" 200 OK", "leveled INFO"),
        ("Traceback (most recent call last):", "plain"),
        (
            "2024-01-31 23:59:59.123 1234 WARNING nova.compute.manager [req-1 a b - - -] text",
            "timestamped 2024-01-31T23:59:59.123Z? WARN(WARNING) scope=nova.compute.manager process.pid=1234",
        ),
        (
            "nova-api.log.1 2024-01-31 23:59:59.123 1234 ERROR nova.api [-] text",
            r#"timestamped 2024-01-31T23:59:59.123Z? ERROR scope=nova.api process.pid=1234 | log.file.name="nova-api.log.1""#,
        ),
    ]);
}

#[test]
fn go_rust_ruby_node_and_others() {
    check(&[
        ("2024/01/31 23:59:59 text of Go's log package", "timestamped 2024-01-31T23:59:59Z?"),
        ("2024/01/31 23:59:59.123456 main.go:12: text", "timestamped 2024-01-31T23:59:59.123456Z?"),
        (
            "2024-01-31T23:59:59.123Z\tinfo\tapp/main.go:12\ttext\t{\"k\": 1}",
            r#"timestamped 2024-01-31T23:59:59.123Z INFO(info) | code.file.path="app/main.go" code.line.number=12"#,
        ),
        (
            "2024-01-31T23:59:59.123Z\tERROR\tmy.logger\tapp/main.go:12\ttext",
            r#"timestamped 2024-01-31T23:59:59.123Z ERROR scope=my.logger | code.file.path="app/main.go" code.line.number=12"#,
        ),
        (
            "2024-01-31T23:59:59.123Z [INFO]  agent.server: text: k=v",
            "timestamped 2024-01-31T23:59:59.123Z INFO scope=agent.server",
        ),
        ("2024-01-31T23:59:59Z INF text k=v", "timestamped 2024-01-31T23:59:59Z INFO(INF)"),
        ("2024-01-31 23:59:59.123456 I | etcdmain: text", "timestamped 2024-01-31T23:59:59.123456Z? INFO(I)"),
        (
            "2024-01-31T23:59:59.123456Z  INFO my_crate::module: text k=1",
            "timestamped 2024-01-31T23:59:59.123456Z INFO scope=my_crate::module",
        ),
        (
            "2024-01-31T23:59:59.123456Z  WARN request{id=1 user=\"a b\"}:handler{}: my_crate::module: text",
            "timestamped 2024-01-31T23:59:59.123456Z WARN scope=my_crate::module",
        ),
        (
            "\u{1b}[2m2024-01-31T23:59:59.123456Z\u{1b}[0m \u{1b}[32m INFO\u{1b}[0m \u{1b}[2mmy_crate\u{1b}[0m\u{1b}[2m:\u{1b}[0m text",
            "timestamped 2024-01-31T23:59:59.123456Z INFO scope=my_crate",
        ),
        (
            "[2024-01-31T23:59:59Z ERROR my_crate::module] text",
            "timestamped 2024-01-31T23:59:59Z ERROR scope=my_crate::module",
        ),
        (
            "I, [2024-01-31T23:59:59.123456 #1234]  INFO -- program: text",
            r#"timestamped 2024-01-31T23:59:59.123456Z? INFO service.name="program" process.pid=1234"#,
        ),
        (
            "E, [2024-01-31T23:59:59.123456 #1234] ERROR -- : text",
            "timestamped 2024-01-31T23:59:59.123456Z? ERROR process.pid=1234",
        ),
        ("[23:59:59.123] INFO (1234): text", "timestamped 2024-05-31T23:59:59.123Z? INFO process.pid=1234"),
        ("[23:59:59 ERR] text", "timestamped 2024-05-31T23:59:59Z? ERROR(ERR)"),
        ("2024-01-31 23:59:59.123 +01:00 [WRN] text", "timestamped 2024-01-31T22:59:59.123Z WARN(WRN)"),
        (
            "[2024-01-31 23:59:59] production.ERROR: text {\"a\":1}",
            "timestamped 2024-01-31T23:59:59Z? ERROR scope=production",
        ),
        (
            "[31-Jan-2024 23:59:59] NOTICE: fpm is running, pid 1",
            "timestamped 2024-01-31T23:59:59Z? INFO2(NOTICE)",
        ),
        ("[31-Jan-2024 23:59:59 UTC] PHP Warning:  text", "timestamped 2024-01-31T23:59:59Z WARN(Warning)"),
        (
            "2024-01-31 23:59:59.123 UTC [1234] LOG:  checkpoint starting: time",
            "timestamped 2024-01-31T23:59:59.123Z INFO(LOG) process.pid=1234",
        ),
        (
            "2024-01-31 23:59:59.123 UTC [1234] app@shop ERROR:  relation does not exist",
            "timestamped 2024-01-31T23:59:59.123Z ERROR process.pid=1234",
        ),
        ("2024-01-31 23:59:59.123 UTC [1234] STATEMENT:  SELECT 1", "timestamped 2024-01-31T23:59:59.123Z"),
        (
            "2024-01-31T23:59:59.123456Z 0 [Warning] [MY-010068] [Server] CA certificate is self signed.",
            "timestamped 2024-01-31T23:59:59.123456Z WARN(Warning)",
        ),
        (
            "2024-01-31 23:59:59 0 [Note] mariadbd: ready for connections.",
            "timestamped 2024-01-31T23:59:59Z? INFO(Note) scope=mariadbd",
        ),
        ("2024-01-31  3:59:59 0 [ERROR] text", "timestamped 2024-01-31T03:59:59Z? ERROR"),
        (
            "2024-01-31T23:59:59.123Z\t5b8e9a5c-1111-2222-3333-444455556666\tERROR\ttext",
            "timestamped 2024-01-31T23:59:59.123Z ERROR",
        ),
        ("2024-01-31 23:59:59.123 [info] <0.9.0> text", "timestamped 2024-01-31T23:59:59.123Z? INFO(info)"),
        ("2024-01-31 23:59:59", "timestamped 2024-01-31T23:59:59Z?"),
        ("2024-01-31 23:59:59 something happened with an ERROR in it", "timestamped 2024-01-31T23:59:59Z?"),
        ("2024-01-31 23:59:59 the fine print", "timestamped 2024-01-31T23:59:59Z?"),
    ]);
}

#[test]
fn klog_and_logcat() {
    check(&[
        (
            "I0131 23:59:59.123456    1234 controller.go:56] Starting workers",
            r#"klog 2024-01-31T23:59:59.123456Z? INFO(I) | thread.id=1234 code.file.path="controller.go" code.line.number=56"#,
        ),
        (
            "E0131 23:59:59.123456       1 reflector.go:140] \"Failed to watch\" err=\"timed out\" retries=3 pod=\"ns/name\"",
            r#"klog 2024-01-31T23:59:59.123456Z? ERROR(E) | thread.id=1 code.file.path="reflector.go" code.line.number=140 err="timed out" retries=3 pod="ns/name""#,
        ),
        (
            "W20240131 23:59:59.123456  1234 file.cc:56] text",
            r#"klog 2024-01-31T23:59:59.123456Z? WARN(W) | thread.id=1234 code.file.path="file.cc" code.line.number=56"#,
        ),
        (
            "F0229 23:59:59.123456 1 main.go:1] leap",
            r#"klog 2024-02-29T23:59:59.123456Z? FATAL(F) | thread.id=1 code.file.path="main.go" code.line.number=1"#,
        ),
        ("I0131 23:59:59.123456 no header", "plain"),
        (
            "01-31 23:59:59.123  1234  5678 I ActivityManager: Start proc",
            "logcat 2024-01-31T23:59:59.123Z? INFO(I) scope=ActivityManager process.pid=1234 | thread.id=5678",
        ),
        (
            "01-31 23:59:59.123456  1234  5678 E Tag with blank : text",
            "logcat 2024-01-31T23:59:59.123456Z? ERROR(E) scope=Tag with blank process.pid=1234 | thread.id=5678",
        ),
        (
            "2024-01-31 23:59:59.123  1234  5678 W Tag: text",
            "logcat 2024-01-31T23:59:59.123Z? WARN(W) scope=Tag process.pid=1234 | thread.id=5678",
        ),
        (
            "2024-01-31 23:59:59.123 +0100  1234  5678 F Tag: text",
            "logcat 2024-01-31T22:59:59.123Z FATAL(F) scope=Tag process.pid=1234 | thread.id=5678",
        ),
        (
            "01-31 23:59:59.123 D/dalvikvm( 1234): GC freed",
            "logcat 2024-01-31T23:59:59.123Z? DEBUG(D) scope=dalvikvm process.pid=1234",
        ),
        ("V/Tag    ( 1234): text", "logcat TRACE(V) scope=Tag process.pid=1234"),
        ("A/B testing is on", "plain"),
    ]);
}

#[test]
fn other_systems() {
    check(&[
        (
            "081109 203615 148 INFO dfs.DataNode$PacketResponder: terminating",
            "hadoop-short 2008-11-09T20:36:15Z? INFO scope=dfs.DataNode$PacketResponder | thread.id=148",
        ),
        (
            "991231 235959 main WARN a.b.C: text",
            r#"hadoop-short 1999-12-31T23:59:59Z? WARN scope=a.b.C | thread.name="main""#,
        ),
        (
            "20240131-23:5:9:7|Step_LSC|30002312|onExtend:1 2",
            "bar-separated 2024-01-31T23:05:09.007Z? scope=Step_LSC process.pid=30002312",
        ),
        (
            "- 1706745599 2024.01.31 R02-M1 2024-01-31-15.59.59.123456 R02-M1 RAS KERNEL INFO text",
            r#"blue-gene 2024-01-31T23:59:59.123456Z INFO scope=KERNEL host.name="R02-M1" | bgl.facility="RAS""#,
        ),
        (
            "APPREAD 1706745599 2024.01.31 R02-M1 2024-01-31-15.59.59.123456 R02-M1 RAS APP FATAL text",
            r#"blue-gene 2024-01-31T23:59:59.123456Z FATAL scope=APP host.name="R02-M1" | bgl.facility="RAS" bgl.alert="APPREAD""#,
        ),
        (
            "- 1706745599 2024.01.31 R02-M1 2024-01-31-15.58.59.123456 R02-M1 RAS APP SEVERE clocks differ",
            r#"blue-gene 2024-01-31T23:59:59Z ERROR(SEVERE) scope=APP host.name="R02-M1" | bgl.facility="RAS""#,
        ),
        (
            "2024-01-31 23:59:59, Info                  CBS    Loaded Servicing Stack",
            "windows-cbs 2024-01-31T23:59:59Z? INFO(Info) scope=CBS",
        ),
        (
            "2024-01-31 23:59:59, Warning               DISM   DISM.EXE: text",
            "windows-cbs 2024-01-31T23:59:59Z? WARN(Warning) scope=DISM",
        ),
    ]);
}

#[test]
fn lines_with_a_word_before_the_time() {
    check(&[
        (
            "update-alternatives 2024-01-31 23:59:59: run with --quiet",
            r#"timestamped 2024-01-31T23:59:59Z? service.name="update-alternatives""#,
        ),
        ("since 2024-01-31 23:59:59 nothing happened", "plain"),
    ]);
}

#[test]
fn plain_lines() {
    check(&[
        ("", "plain"),
        (" ", "plain"),
        ("just text", "plain"),
        ("ERROR: could not open file", "leveled ERROR"),
        ("[warn] low on space", "leveled WARN(warn)"),
        ("warning: unused variable", "leveled WARN(warning)"),
        ("ERROR text", "leveled ERROR"),
        ("Error text", "plain"),
        ("errors: 5", "plain"),
        ("something level=warn happened", "leveled WARN(warn)"),
        ("[12345.678901] usb 1-1: new device", "plain"),
        ("192.168.1.1 is up", "plain"),
        ("10 items, 5 errors", "plain"),
        ("2024-99-31 23:59:59 no such month", "plain"),
        ("\u{feff}first line of a file", r#"plain body="first line of a file""#),
        ("ünïcödé €", "plain"),
        ("{not json", "plain"),
        ("[1, 2, 3]", "plain"),
    ]);
}
