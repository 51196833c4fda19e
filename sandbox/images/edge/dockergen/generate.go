package dockergen

import (
	"log"
	"maps"
	"os"
	"path/filepath"

	"homeport/sandbox/edge/dockerapi"
)

const target = "/etc/nginx/conf.d/default.conf"

// Generate writes the configuration and has nginx read it, if it is another than before.
func Generate(client *dockerapi.Client, settings Settings) {
	label := settings.get("NGINX_CONTAINER_LABEL", "com.github.nginx-proxy.nginx-proxy.nginx")
	containers, err := client.Running("")
	if err != nil {
		log.Printf("Docker: %v", err)
		return
	}
	networks := map[string]string{}
	var proxies []dockerapi.Container
	for _, container := range containers {
		if _, found := container.Labels[label]; found {
			proxies = append(proxies, container)
			maps.Copy(networks, container.Networks)
		}
	}
	text, err := Render(Hosts(containers, networks, settings), settings)
	if err != nil {
		log.Printf("template: %v", err)
		return
	}
	changed, err := write(filepath.Join(settings.Root, target), text)
	if err != nil {
		log.Printf("%s: %v", target, err)
		return
	}
	if !changed {
		log.Printf("Contents of %s did not change. Skipping notification", target)
		return
	}
	log.Printf("Generated '%s' from %d containers", target, len(containers))
	for _, proxy := range proxies {
		if err := client.Signal(proxy.ID, "SIGHUP"); err != nil {
			log.Print(err)
		}
	}
}

// write replaces the file in one step; nginx never sees half of it.
func write(path, text string) (bool, error) {
	if old, err := os.ReadFile(path); err == nil && string(old) == text {
		return false, nil
	}
	if err := os.WriteFile(path+".new", []byte(text), 0o644); err != nil {
		return false, err
	}
	return true, os.Rename(path+".new", path)
}
