// Grafana's Loki client for Go, which sends snappy-compressed protobuf as Promtail does, against a Spile server.
//
// Usage: program ADDRESS
//
// Prints TAP.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/grafana/loki-client-go/loki"
	"github.com/grafana/loki-client-go/pkg/labelutil"
	"github.com/grafana/loki-client-go/pkg/urlutil"
	"github.com/prometheus/common/model"
)

const count = 5000

// Record is what is looked at of a stored record.
type Record struct {
	Body         *string           `json:"body"`
	TimeUnixNano string            `json:"timeUnixNano"`
	Severity     string            `json:"severity"`
	Resource     map[string]string `json:"resource"`
}

// stored gives all records of the stream default, in order, as `GET /v1/tail` does.
func stored(address, filter string) ([]Record, error) {
	request, err := http.NewRequest("GET", "http://"+address+"/v1/tail?from=oldest&follow=false&q="+filter, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("accept", "application/x-ndjson")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var records []Record
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var record Record
		if err := json.Unmarshal(lines.Bytes(), &record); err != nil {
			return nil, fmt.Errorf("%w: %s", err, lines.Text())
		}
		if record.Body != nil {
			records = append(records, record)
		}
	}
	return records, lines.Err()
}

// deliver sends lines in two streams and looks at what is stored of them.
func deliver(address string) (string, error) {
	var url urlutil.URLValue
	if err := url.Set("http://" + address + "/loki/api/v1/push"); err != nil {
		return "", err
	}
	config, err := loki.NewDefaultConfig("")
	if err != nil {
		return "", err
	}
	config.URL = url
	config.BatchWait = 100 * time.Millisecond
	config.ExternalLabels = labelutil.LabelSet{LabelSet: model.LabelSet{"service_name": "go-shop"}}
	client, err := loki.New(config)
	if err != nil {
		return "", err
	}
	start := time.Unix(1_700_000_000, 0)
	for number := range count {
		labels := model.LabelSet{"namespace": "prod", "pod": model.LabelValue(fmt.Sprintf("pod \"%d\"\\", number%2))}
		line := fmt.Sprintf("level=info msg=\"record %d\"", number)
		if number%10 == 0 {
			line = fmt.Sprintf("level=error msg=\"record %d\"", number)
		}
		if err := client.Handle(labels, start.Add(time.Duration(number)), line); err != nil {
			return "", err
		}
	}
	client.Stop()

	records, err := stored(address, "service.name%3D%22go-shop%22")
	if err != nil {
		return "", err
	}
	if len(records) != count {
		return "", fmt.Errorf("%d records for %d", len(records), count)
	}
	seen := map[int]bool{}
	for _, record := range records {
		var level string
		var number int
		if _, err := fmt.Sscanf(*record.Body, "level=%s msg=\"record %d\"", &level, &number); err != nil {
			return "", fmt.Errorf("%w: %s", err, *record.Body)
		}
		seen[number] = true
		pod := fmt.Sprintf("pod \"%d\"\\", number%2)
		switch {
		case record.Severity != strings.ToUpper(level):
			return "", fmt.Errorf("%s is of severity %s", *record.Body, record.Severity)
		case record.TimeUnixNano != fmt.Sprint(start.Add(time.Duration(number)).UnixNano()):
			return "", fmt.Errorf("%s is of time %s", *record.Body, record.TimeUnixNano)
		case record.Resource["k8s.namespace.name"] != "prod" || record.Resource["k8s.pod.name"] != pod:
			return "", fmt.Errorf("%s is of %v", *record.Body, record.Resource)
		}
	}
	if len(seen) != count {
		return "", fmt.Errorf("%d different records for %d", len(seen), count)
	}
	return fmt.Sprintf("%d records", count), nil
}

func main() {
	fmt.Println("TAP version 14\n1..1")
	const name = "the client for Go pushes snappy-compressed protobuf"
	figures, err := deliver(os.Args[1])
	if err != nil {
		fmt.Printf("not ok 1 - %s\n# %v\n", name, err)
		os.Exit(1)
	}
	fmt.Printf("ok 1 - %s # %s\n", name, figures)
}
