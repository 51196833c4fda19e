package dockergen

import (
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"

	"homeport/sandbox/edge/dockerapi"
)

// Target is what becomes of the configuration.
type Target struct {
	// Path is the file it is written to.
	Path string
	// Command is run by a shell when the file has changed, before any container is told; empty for none.
	Command string
	// Told are filters, as in the Docker API, of the containers that get a SIGHUP then.
	Told map[string][]string
}

// Generate writes the configuration and says so, if it is another than before.
func Generate(client *dockerapi.Client, settings Settings, target Target) {
	label := settings.get("NGINX_CONTAINER_LABEL", "com.github.nginx-proxy.nginx-proxy.nginx")
	containers, err := client.Running(nil)
	if err != nil {
		log.Printf("Docker: %v", err)
		return
	}
	networks := map[string]string{}
	for _, container := range containers {
		if _, found := container.Labels[label]; found {
			maps.Copy(networks, container.Networks)
		}
	}
	text, err := Render(Hosts(containers, networks, settings), settings)
	if err != nil {
		log.Printf("template: %v", err)
		return
	}
	changed, err := write(filepath.Join(settings.Root, target.Path), text)
	if err != nil {
		log.Fatalf("Unable to write to dest file %s: %v", target.Path, err)
	}
	if !changed {
		log.Printf("Contents of %s did not change. Skipping notification '%s'", target.Path, target.Command)
		return
	}
	log.Printf("Generated '%s' from %d containers", target.Path, len(containers))
	if target.Command != "" {
		output, err := exec.Command("/bin/sh", "-c", target.Command).CombinedOutput()
		if err != nil {
			log.Printf("Error running notify command: %s, %v", target.Command, err)
		}
		if len(output) > 0 {
			log.Printf("[%s]: %s", target.Command, output)
		}
	}
	told, err := client.Running(target.Told)
	if err != nil {
		log.Printf("Docker: %v", err)
	}
	for _, container := range told {
		if err := client.Signal(container.ID, "SIGHUP"); err != nil {
			log.Print(err)
		}
	}
}

// write replaces the content of the file where it stands, as docker-gen does.
func write(path, text string) (bool, error) {
	if old, err := os.ReadFile(path); err == nil && string(old) == text {
		return false, nil
	}
	return true, os.WriteFile(path, []byte(text), 0o644)
}
