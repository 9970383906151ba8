// A client of the article's contract in Go: grpc-go, with code generated from proto/example/log_service.proto.
//
// Usage: program ADDRESS FILE...
//
// The files are those that were pushed to the server, in that order. Prints TAP.
package main

import (
	"fmt"
	"log"
	"os"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	pb "spile.test/interop/example"
)

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: program ADDRESS FILE...")
	}
	lines, err := readLines(os.Args[2:])
	if err != nil {
		log.Fatal(err)
	}
	conn, err := grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	c := &client{conn: conn, logs: pb.NewLogServiceClient(conn), lines: lines}

	checks := []struct {
		name string
		run  func() (string, error)
	}{
		{"every line comes back in order", c.everyLine},
		{"level means this severity or worse", c.level},
		{"headers come before the first message", c.headers},
		{"trailers close the stream with a checksum", c.trailers},
		{"bad level is INVALID_ARGUMENT", c.badLevel},
		{"a deadline ends a follow", c.deadline},
		{"cancelling a follow leaves the server well", c.cancel},
		{"unknown methods are UNIMPLEMENTED", c.unknown},
	}
	fmt.Printf("TAP version 14\n1..%d\n", len(checks))
	failed := false
	for i, check := range checks {
		if figures, err := check.run(); err != nil {
			failed = true
			fmt.Printf("not ok %d - %s\n# %s\n", i+1, check.name, strings.ReplaceAll(err.Error(), "\n", "\n# "))
		} else {
			fmt.Printf("ok %d - %s # %s\n", i+1, check.name, figures)
		}
	}
	if failed {
		os.Exit(1)
	}
}

// readLines gives the lines of the files, without their ends.
func readLines(paths []string) ([]string, error) {
	var lines []string
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(string(text), "\n"), "\n") {
			lines = append(lines, strings.TrimSuffix(line, "\r"))
		}
	}
	return lines, nil
}
