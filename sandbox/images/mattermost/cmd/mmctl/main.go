// Command mmctl is the sandbox's stand-in for Mattermost's command-line tool.
package main

import (
	"cmp"
	"fmt"
	"os"

	"homeport/sandbox/mattermost/command"
	"homeport/sandbox/mattermost/settings"
)

func main() {
	mmctl := command.Mmctl{
		Version: cmp.Or(os.Getenv("HOMEPORT_STANDIN_VERSION"), "0.0.0"),
		Socket:  cmp.Or(os.Getenv("MMCTL_LOCAL_SOCKET_PATH"), settings.DefaultSocket),
		Out:     os.Stdout,
	}
	if err := mmctl.Run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "Error: "+err.Error())
		os.Exit(1)
	}
}
