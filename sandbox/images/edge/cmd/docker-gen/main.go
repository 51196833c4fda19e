// Command docker-gen stands in for nginx-proxy's docker-gen image. Of the real one's options it knows those of
// the image's own command, and -notify; it refuses others. The template is the one it has in itself.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"runtime/debug"
	"strings"

	"homeport/sandbox/edge/dockerapi"
	"homeport/sandbox/edge/dockergen"
)

// filters are options of the form name=value, each name with all its values.
type filters map[string][]string

func (f filters) String() string { return fmt.Sprint(map[string][]string(f)) }

func (f filters) Set(text string) error {
	name, value, found := strings.Cut(text, "=")
	if !found {
		return fmt.Errorf("want name=value, have %q", text)
	}
	f[name] = append(f[name], value)
	return nil
}

func main() {
	debug.SetGCPercent(50)
	environment := map[string]string{}
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		environment[name] = value
	}
	events := filters{"event": {"start", "stop", "die", "health_status"}}
	target := dockergen.Target{Told: filters{}}
	watch := flag.Bool("watch", false, "")
	wait := flag.String("wait", "", "")
	flag.Bool("notify-output", false, "")
	flag.StringVar(&target.Command, "notify", "", "")
	flag.Var(filters(target.Told), "notify-filter", "")
	flag.Var(events, "event-filter", "")
	flag.Parse()
	burst, err := dockerapi.ParseSettle(*wait)
	if err != nil || !*watch || flag.NArg() != 2 || flag.Arg(0) != "/app/nginx.tmpl" || len(events) != 1 {
		log.Fatalf("this stand-in needs -watch, -wait and /app/nginx.tmpl, and knows only events by name: %q", os.Args)
	}
	target.Path = flag.Arg(1)
	host := environment["DOCKER_HOST"]
	if _, err := os.Stat(strings.TrimPrefix(host, "unix://")); err != nil {
		log.Fatalf("ERROR: you need to share your Docker host socket with a volume at %s", host)
	}
	client := dockerapi.New(host)
	settings := dockergen.Settings{Environment: environment, Root: "/"}
	dockerapi.Watch(client, events["event"], burst, 0, func() { dockergen.Generate(client, settings, target) })
}
