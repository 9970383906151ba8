// The checks, in the order they run. Each gives its figures.
package main

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	pb "spile.test/interop/example"
)

// Lines whose severity is plain to see: log4j's layout.
var log4j = regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (?:- )?(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b`)

type client struct {
	conn  *grpc.ClientConn
	logs  pb.LogServiceClient
	lines []string
}

type answer struct {
	entries  []*pb.LogEntry
	headers  metadata.MD
	trailers metadata.MD
	// nil when the stream ended with OK.
	err error
}

func (a answer) messages() []string {
	var messages []string
	for _, entry := range a.entries {
		messages = append(messages, entry.GetMessage())
	}
	return messages
}

// read reads a call to its end.
func read(stream grpc.ServerStreamingClient[pb.LogEntry], err error) answer {
	if err != nil {
		return answer{err: err}
	}
	var a answer
	a.headers, _ = stream.Header()
	for {
		entry, err := stream.Recv()
		if err != nil {
			a.trailers = stream.Trailer()
			if !errors.Is(err, io.EOF) {
				a.err = err
			}
			return a
		}
		a.entries = append(a.entries, entry)
	}
}

// get reads GetLogs to its end.
func (c *client) get(level string) answer {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return read(c.logs.GetLogs(ctx, &pb.LogRequest{Level: level}))
}

func (c *client) everyLine() (string, error) {
	a := c.get("")
	if a.err != nil {
		return "", a.err
	}
	if len(a.entries) != len(c.lines) {
		return "", fmt.Errorf("%d entries for %d lines", len(a.entries), len(c.lines))
	}
	for i, entry := range a.entries {
		if entry.GetMessage() != c.lines[i] {
			return "", fmt.Errorf("entry %d is %q, the line is %q", i, entry.GetMessage(), c.lines[i])
		}
		if entry.GetTimestamp() <= 0 {
			return "", fmt.Errorf("entry %d has the time %d", i, entry.GetTimestamp())
		}
	}
	return fmt.Sprintf("%d entries", len(a.entries)), nil
}

func (c *client) level() (string, error) {
	var figures []string
	for level, severities := range map[string]string{"warn": "WARN ERROR FATAL", "Err": "ERROR FATAL"} {
		a := c.get(level)
		if a.err != nil {
			return "", a.err
		}
		got := log4jLines(a.messages(), "TRACE DEBUG INFO WARN ERROR FATAL")
		expected := log4jLines(c.lines, severities)
		if !slices.Equal(got, expected) {
			return "", fmt.Errorf("%s: %d log4j lines, expected %d", level, len(got), len(expected))
		}
		if len(a.entries) >= len(c.lines) {
			return "", fmt.Errorf("%s filters nothing", level)
		}
		figures = append(figures, fmt.Sprintf("%s: %d, of log4j %d", level, len(a.entries), len(expected)))
	}
	slices.Sort(figures)
	return strings.Join(figures, "; "), nil
}

// log4jLines gives the lines in log4j's layout that have one of the severities.
func log4jLines(lines []string, severities string) []string {
	var chosen []string
	for _, line := range lines {
		if match := log4j.FindStringSubmatch(line); match != nil && strings.Contains(severities, match[1]) {
			chosen = append(chosen, line)
		}
	}
	return chosen
}

func (c *client) headers() (string, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stream, err := c.logs.GetLogs(ctx, &pb.LogRequest{})
	if err != nil {
		return "", err
	}
	// Nothing has been received yet.
	headers, err := stream.Header()
	if err != nil {
		return "", err
	}
	id, cursor := first(headers, "spile-request-id"), first(headers, "spile-start-cursor")
	if id == "" || cursor == "" {
		return "", fmt.Errorf("headers %v", headers)
	}
	return "request id " + id, nil
}

func (c *client) trailers() (string, error) {
	a := c.get("warn")
	if a.err != nil {
		return "", a.err
	}
	checksum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	for _, message := range a.messages() {
		io.WriteString(checksum, message+"\n")
	}
	expected := map[string]string{
		"spile-records":    fmt.Sprint(len(a.entries)),
		"spile-end-reason": "end-of-history",
		"spile-checksum":   fmt.Sprintf("%08x", checksum.Sum32()),
	}
	for name, value := range expected {
		if first(a.trailers, name) != value {
			return "", fmt.Errorf("%s is not %s in %v", name, value, a.trailers)
		}
	}
	if first(a.trailers, "spile-cursor") == "" || first(a.trailers, "spile-scanned") == "" {
		return "", fmt.Errorf("trailers %v", a.trailers)
	}
	return fmt.Sprintf("%d entries, checksum %s", len(a.entries), expected["spile-checksum"]), nil
}

func first(md metadata.MD, name string) string {
	if values := md.Get(name); len(values) > 0 {
		return values[0]
	}
	return ""
}

func (c *client) badLevel() (string, error) {
	a := c.get("loud")
	if err := expect(a, codes.InvalidArgument); err != nil {
		return "", err
	}
	message := status.Convert(a.err).Message()
	if !strings.Contains(message, "level") || !strings.Contains(message, "loud") {
		return "", fmt.Errorf("names neither the field nor its value: %s", message)
	}
	return message, nil
}

func expect(a answer, code codes.Code) error {
	if status.Code(a.err) != code {
		return fmt.Errorf("ended with %v, not %v, after %d entries", a.err, code, len(a.entries))
	}
	return nil
}

func (c *client) deadline() (string, error) {
	started := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	a := read(c.logs.StreamLogs(ctx, &pb.LogRequest{Level: "error"}))
	took := time.Since(started)
	if err := expect(a, codes.DeadlineExceeded); err != nil {
		return "", err
	}
	if took < 900*time.Millisecond || took > 5*time.Second {
		return "", fmt.Errorf("ended after %v", took)
	}
	if stored := c.get("error"); len(a.entries) != len(stored.entries) {
		return "", fmt.Errorf("%d entries before the deadline, %d are stored", len(a.entries), len(stored.entries))
	}
	return fmt.Sprintf("%d entries, then DEADLINE_EXCEEDED after %.2f s", len(a.entries), took.Seconds()), nil
}

func (c *client) cancel() (string, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stream, err := c.logs.StreamLogs(ctx, &pb.LogRequest{})
	if err != nil {
		return "", err
	}
	entry, err := stream.Recv()
	if err != nil {
		return "", err
	}
	if entry.GetMessage() != c.lines[0] {
		return "", fmt.Errorf("the first entry is %q", entry.GetMessage())
	}
	cancel()
	if err := expect(read(stream, nil), codes.Canceled); err != nil {
		return "", err
	}
	if after := c.get(""); after.err != nil || len(after.entries) != len(c.lines) {
		return "", fmt.Errorf("afterwards %d entries, %v", len(after.entries), after.err)
	}
	return "cancelled after 1 entry", nil
}

func (c *client) unknown() (string, error) {
	for _, path := range []string{"/example.LogService/MadeUp", "/example.NoService/GetLogs"} {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		err := c.conn.Invoke(ctx, path, &pb.LogRequest{}, &pb.LogEntry{})
		cancel()
		if status.Code(err) != codes.Unimplemented {
			return "", fmt.Errorf("%s ended with %v", path, err)
		}
	}
	return "method and service", nil
}
