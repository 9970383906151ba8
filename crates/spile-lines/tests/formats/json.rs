//! Lines that are JSON objects, of many loggers.

use super::check;

#[test]
fn go_loggers() {
    check(&[
        (
            r#"{"level":"info","ts":1706745599.1234567,"logger":"app","caller":"pkg/file.go:12","msg":"text","user":"a","n":3,"stacktrace":"main.main"}"#,
            r#"json 2024-01-31T23:59:59.1234567Z INFO(info) scope=app body="text" | code.file.path="pkg/file.go" code.line.number=12 user="a" n=3 exception.stacktrace="main.main""#,
        ),
        (
            r#"{"level":"error","ts":"2024-01-31T23:59:59.123+0100","msg":"text"}"#,
            r#"json 2024-01-31T22:59:59.123Z ERROR(error) body="text""#,
        ),
        (
            r#"{"time":"2024-01-31T23:59:59.123456789+01:00","level":"INFO+2","source":{"function":"main.main","file":"/src/main.go","line":12},"msg":"text","req":{"id":7,"tags":["a",null,1.5]}}"#,
            r#"json 2024-01-31T22:59:59.123456789Z INFO3(INFO+2) body="text" | code.function.name="main.main" code.file.path="/src/main.go" code.line.number=12 req={id:7,tags:["a",null,1.5]}"#,
        ),
        (
            r#"{"level":"warning","msg":"text","time":"2024-01-31T23:59:59Z","func":"main.f","file":"main.go:12"}"#,
            r#"json 2024-01-31T23:59:59Z WARN(warning) body="text" | code.function.name="main.f" code.file.path="main.go" code.line.number=12"#,
        ),
        (
            r#"{"@level":"debug","@message":"text","@module":"agent","@timestamp":"2024-01-31T23:59:59.123456Z","k":"v"}"#,
            r#"json 2024-01-31T23:59:59.123456Z DEBUG(debug) scope=agent body="text" | k="v""#,
        ),
        (
            r#"{"level":"debug","time":1706745599,"message":"zerolog"}"#,
            r#"json 2024-01-31T23:59:59Z DEBUG(debug) body="zerolog""#,
        ),
        (
            r#"{"t":"2024-01-31T23:59:59Z","lvl":"crit","msg":"log15"}"#,
            r#"json 2024-01-31T23:59:59Z ERROR2(crit) body="log15""#,
        ),
    ]);
}

#[test]
fn javascript_loggers() {
    check(&[
        (
            r#"{"name":"shop","hostname":"web-1","pid":1234,"level":50,"msg":"text","time":"2024-01-31T23:59:59.123Z","v":0,"err":{"message":"x"}}"#,
            r#"json 2024-01-31T23:59:59.123Z ERROR(50) service.name="shop" host.name="web-1" process.pid=1234 body="text" | v=0 err={message:"x"}"#,
        ),
        (
            r#"{"level":30,"time":1706745599123,"pid":1234,"hostname":"web-1","msg":"text"}"#,
            r#"json 2024-01-31T23:59:59.123Z INFO(30) host.name="web-1" process.pid=1234 body="text""#,
        ),
        (
            r#"{"level":60,"time":1706745599123,"msg":"text","name":"not a service"}"#,
            r#"json 2024-01-31T23:59:59.123Z FATAL(60) body="text" | name="not a service""#,
        ),
        (
            r#"{"level":"silly","message":"text","timestamp":"2024-01-31T23:59:59.123Z","label":"x"}"#,
            r#"json 2024-01-31T23:59:59.123Z TRACE(silly) body="text" | label="x""#,
        ),
    ]);
}

#[test]
fn rust_and_python_loggers() {
    check(&[
        (
            r#"{"timestamp":"2024-01-31T23:59:59.123456Z","level":"INFO","fields":{"message":"text","n":1},"target":"app::db","filename":"src/db.rs","line_number":12,"span":{"id":3,"name":"request"},"spans":[{"name":"request"}],"threadName":"main","threadId":"ThreadId(1)"}"#,
            r#"json 2024-01-31T23:59:59.123456Z INFO scope=app::db body="text" | code.file.path="src/db.rs" code.line.number=12 span={id:3,name:"request"} spans=[{name:"request"}] thread.name="main" thread.id="ThreadId(1)" n=1"#,
        ),
        (
            r#"{"timestamp":"2024-01-31T23:59:59.123456Z","level":"ERROR","fields":{"level":"inner","n":1},"target":"app"}"#,
            r#"json 2024-01-31T23:59:59.123456Z ERROR scope=app body as Json | fields.level="inner" n=1"#,
        ),
        (
            r#"{"asctime":"2024-01-31 23:59:59,123","levelname":"CRITICAL","levelno":50,"name":"app.db","message":"text","pathname":"/app/db.py","lineno":12,"funcName":"f","process":1,"thread":139872}"#,
            r#"json 2024-01-31T23:59:59.123Z? ERROR2(CRITICAL) scope=app.db process.pid=1 body="text" | code.file.path="/app/db.py" code.line.number=12 code.function.name="f" thread.id=139872"#,
        ),
        (r#"{"levelno":20,"message":"text"}"#, r#"json INFO(20) body="text""#),
        (
            r#"{"event":"text","level":"info","timestamp":"2024-01-31T23:59:59.123456Z","logger":"app","user":7}"#,
            r#"json 2024-01-31T23:59:59.123456Z INFO(info) scope=app body="text" | user=7"#,
        ),
    ]);
}

#[test]
fn java_dotnet_and_php_loggers() {
    check(&[
        (
            r#"{"@timestamp":"2024-01-31T23:59:59.123+01:00","@version":"1","message":"text","logger_name":"c.e.App","thread_name":"main","level":"WARN","level_value":30000,"stack_trace":"java.lang.X"}"#,
            r#"json 2024-01-31T22:59:59.123Z WARN scope=c.e.App body="text" | @version="1" thread.name="main" level_value=30000 exception.stacktrace="java.lang.X""#,
        ),
        (
            r#"{"instant":{"epochSecond":1706745599,"nanoOfSecond":123456789},"thread":"main","level":"ERROR","loggerName":"c.e.App","message":"text","threadId":1,"contextMap":{"k":"v"}}"#,
            r#"json 2024-01-31T23:59:59.123456789Z ERROR scope=c.e.App body="text" | thread.name="main" thread.id=1 contextMap={k:"v"}"#,
        ),
        (
            r#"{"@timestamp":"2024-01-31T23:59:59.123Z","log.level":"INFO","message":"text","ecs.version":"1.2.0","service.name":"shop","service.version":"1.0","event.dataset":"shop.log","process.thread.name":"main","log.logger":"c.e.App","trace.id":"4bf92f3577b34da6a3ce929d0e0e4736","span.id":"00f067aa0ba902b7","error.type":"E","error.message":"m","error.stack_trace":"s"}"#,
            r#"json 2024-01-31T23:59:59.123Z INFO scope=c.e.App service.name="shop" service.version="1.0" trace=4bf92f3577b34da6a3ce929d0e0e4736 span=00f067aa0ba902b7 body="text" | ecs.version="1.2.0" event.dataset="shop.log" thread.name="main" exception.type="E" exception.message="m" exception.stacktrace="s""#,
        ),
        (
            r#"{"@timestamp":"2024-01-31T23:59:59.123Z","log":{"level":"warn","logger":"c.e.App","origin":{"file":{"name":"A.java","line":5},"function":"f"},"x":1},"message":"text","service":{"name":"shop"},"host":{"name":"h"},"process":{"pid":5,"thread":{"name":"main"}},"trace":{"id":"4bf92f3577b34da6a3ce929d0e0e4736"}}"#,
            r#"json 2024-01-31T23:59:59.123Z WARN(warn) scope=c.e.App service.name="shop" host.name="h" process.pid=5 trace=4bf92f3577b34da6a3ce929d0e0e4736 body="text" | log={x:1} code.file.path="A.java" code.line.number=5 code.function.name="f" thread.name="main""#,
        ),
        (
            r#"{"@t":"2024-01-31T23:59:59.1234567Z","@mt":"Hello {Name}","Name":"x","@tr":"4bf92f3577b34da6a3ce929d0e0e4736","@sp":"00f067aa0ba902b7","@@odd":1}"#,
            r#"json 2024-01-31T23:59:59.1234567Z INFO() trace=4bf92f3577b34da6a3ce929d0e0e4736 span=00f067aa0ba902b7 body="Hello {Name}" | Name="x" @odd=1"#,
        ),
        (
            r#"{"@t":"2024-01-31T23:59:59Z","@m":"Hello x","@mt":"Hello {Name}","@l":"Verbose","@x":"System.Exception","SourceContext":"App"}"#,
            r#"json 2024-01-31T23:59:59Z TRACE(Verbose) scope=App body="Hello x" | @mt="Hello {Name}" exception.stacktrace="System.Exception""#,
        ),
        (
            r#"{"Timestamp":"2024-01-31T23:59:59Z","Level":"Verbose","MessageTemplate":"Hello {A}","RenderedMessage":"Hello 1","Properties":{"A":1,"SourceContext":"App"}}"#,
            r#"json 2024-01-31T23:59:59Z TRACE(Verbose) scope=App body="Hello 1" | MessageTemplate="Hello {A}" A=1"#,
        ),
        (
            r#"{"EventId":0,"LogLevel":"Information","Category":"App.Start","Message":"text","State":{"a":1}}"#,
            r#"json INFO(Information) scope=App.Start body="text" | EventId=0 State={a:1}"#,
        ),
        (
            r#"{"message":"text","context":{"a":1},"level":250,"level_name":"NOTICE","channel":"app","datetime":"2024-01-31T23:59:59.123456+01:00","extra":{}}"#,
            r#"json 2024-01-31T22:59:59.123456Z INFO2(NOTICE) scope=app body="text" | context={a:1} extra={}"#,
        ),
        (
            r#"{"message":"text","level":550,"datetime":"2024-01-31T23:59:59+01:00"}"#,
            r#"json 2024-01-31T22:59:59Z ERROR3(550) body="text""#,
        ),
    ]);
}

#[test]
fn platforms() {
    check(&[
        (
            r#"{"severity":"ERROR","message":"text","time":"2024-01-31T23:59:59.123Z","logging.googleapis.com/trace":"projects/p/traces/4bf92f3577b34da6a3ce929d0e0e4736","logging.googleapis.com/spanId":"00f067aa0ba902b7","logging.googleapis.com/trace_sampled":true,"logging.googleapis.com/labels":{"k":"v"},"logging.googleapis.com/sourceLocation":{"file":"f.py","line":"12","function":"g"},"httpRequest":{"status":500}}"#,
            r#"json 2024-01-31T23:59:59.123Z ERROR trace=4bf92f3577b34da6a3ce929d0e0e4736 span=00f067aa0ba902b7 flags=1 body="text" | code.file.path="f.py" code.line.number=12 code.function.name="g" httpRequest={status:500} k="v""#,
        ),
        (
            r#"{"severity":"DEFAULT","message":"text","timestamp":{"seconds":1706745599,"nanos":5}}"#,
            r#"json 2024-01-31T23:59:59.000000005Z UNSPECIFIED(DEFAULT) body="text""#,
        ),
        (
            r#"{"severity":500,"jsonPayload":{"message":"text","a":1},"insertId":"x"}"#,
            r#"json ERROR(500) body="text" | insertId="x" a=1"#,
        ),
        (
            r#"{"t":{"$date":"2024-01-31T23:59:59.123+01:00"},"s":"I","c":"NETWORK","id":22943,"ctx":"listener","msg":"Connection accepted","attr":{"n":1}}"#,
            r#"json 2024-01-31T22:59:59.123Z INFO(I) scope=NETWORK body="Connection accepted" | id=22943 thread.name="listener" attr={n:1}"#,
        ),
        (
            r#"{"t":{"$date":"2024-01-31T23:59:59.123Z"},"s":"D2","c":"QUERY","id":1,"ctx":"conn1","msg":"text"}"#,
            r#"json 2024-01-31T23:59:59.123Z DEBUG(D2) scope=QUERY body="text" | id=1 thread.name="conn1""#,
        ),
        (
            r#"{"version":"1.1","host":"web-1","short_message":"text","full_message":"text\nmore","timestamp":1706745599.123,"level":4,"_user":"x"}"#,
            r#"json 2024-01-31T23:59:59.123Z WARN(4) host.name="web-1" body="text" | version="1.1" full_message="text\nmore" _user="x""#,
        ),
        (
            r#"{"__REALTIME_TIMESTAMP":"1706745599123456","PRIORITY":"3","MESSAGE":"text","_HOSTNAME":"h","_PID":"12","SYSLOG_IDENTIFIER":"sshd","CODE_FILE":"a.c"}"#,
            r#"json 2024-01-31T23:59:59.123456Z ERROR(3) service.name="sshd" host.name="h" process.pid=12 body="text" | code.file.path="a.c""#,
        ),
        (
            r#"{"level":"info","message":"text","dd.trace_id":"256","dd.span_id":"1","dd.service":"s","dd.version":"2"}"#,
            r#"json INFO(info) service.name="s" service.version="2" trace=00000000000000000000000000000100 span=0000000000000001 body="text""#,
        ),
        (
            r#"{"timeUnixNano":"1706745599123456789","severityNumber":14,"severityText":"Odd","body":"text","traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","flags":1,"eventName":"e"}"#,
            r#"json 2024-01-31T23:59:59.123456789Z WARN2(Odd) event=e trace=4bf92f3577b34da6a3ce929d0e0e4736 span=00f067aa0ba902b7 flags=1 body="text""#,
        ),
        (
            r#"{"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","msg":"text"}"#,
            r#"json trace=4bf92f3577b34da6a3ce929d0e0e4736 span=00f067aa0ba902b7 flags=1 body="text""#,
        ),
    ]);
}

#[test]
fn objects_of_no_known_logger() {
    check(&[
        (
            r#"{"status":500,"path":"/x","time_taken":0.25}"#,
            r#"json body as Json | status=500 path="/x" time_taken=0.25"#,
        ),
        (r#"{}"#, "json body as Json"),
        (r#"  {"msg":"indented","a":1}  "#, r#"json body="indented" | a=1"#),
        (r#"{"msg":"a\nb\u00e9","k\u0031":"v\t"}"#, r#"json body="a\nbé" | k1="v\t""#),
        (r#"{"msg":{"not":"text"},"message":7}"#, r#"json body as Json | msg={not:"text"} message=7"#),
        (r#"{"msg":"","level":"custom"}"#, r#"json UNSPECIFIED(custom) body="""#),
        (r#"{"a":1,"a":2,"b":{"c":1,"c":2}}"#, "json body as Json | a=2 b={c:2}"),
        (
            r#"{"i":-9223372036854775808,"u":18446744073709551615,"f":1e300,"g":0.1,"n":null,"t":true}"#,
            r#"json body as Json | i=-9223372036854775808 u="18446744073709551615" f=1e300 g=0.1 n=null t=true"#,
        ),
        (
            r#"{"level":99,"time":"2024-01-31","ts":5,"timestamp":-1,"date":"0.5s"}"#,
            r#"json FATAL(99) body as Json | time="2024-01-31" ts=5 timestamp=-1 date="0.5s""#,
        ),
        (
            r#"{"time":"2024-01-31T23:59:59Z","ts":1,"timestamp":"2023-01-01T00:00:00Z"}"#,
            r#"json 2024-01-31T23:59:59Z body as Json | ts=1 timestamp="2023-01-01T00:00:00Z""#,
        ),
        (
            r#"{"trace_id":"00000000000000000000000000000000","span_id":"x","trace_flags":"zz"}"#,
            r#"json body as Json | trace_id="00000000000000000000000000000000" span_id="x" trace_flags="zz""#,
        ),
        (
            r#"{"level":"info","severity":3,"pid":"abc","service":7,"caller":"here","source":{"file":"f","other":1}}"#,
            r#"json INFO(info) body as Json | pid="abc" service=7 caller="here" source={file:"f",other:1}"#,
        ),
        (r#"{"message":"nested","trace_id":1.5}"#, r#"json body="nested" | trace_id=1.5"#),
        (r#"{"a":1} trailing"#, "plain"),
        (r#"{"a":1e999}"#, "plain"),
    ]);
}
