package companion

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"homeport/sandbox/edge/dockerapi"
)

const (
	nginxLabel     = "com.github.nginx-proxy.nginx"
	dockerGenLabel = "com.github.nginx-proxy.docker-gen"
	seenFile       = "/app/letsencrypt_service_data"
)

// Service looks after the certificates of all containers.
type Service struct {
	Docker           *dockerapi.Client
	Authority        *http.Client
	Store            Store
	Directory, Email string
}

// Check says what is missing for the service to work at all.
func (s *Service) Check() error {
	for label, what := range map[string]string{nginxLabel: "nginx-proxy container ID", dockerGenLabel: "docker-gen container id"} {
		found, err := s.Docker.Running(map[string][]string{"label": {label}})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fmt.Errorf("Error: can't get %s !\nCheck that a container has the label %s", what, label)
		}
	}
	for _, folder := range []string{s.Store.Certificates, s.Store.State} {
		probe := folder + "/.check_writable"
		if err := os.WriteFile(probe, nil, 0o600); err != nil {
			return fmt.Errorf("Error: can't write to the '%s' directory !", folder)
		}
		_ = os.Remove(probe)
	}
	return nil
}

// Update gets what certificates are wanted now.
func (s *Service) Update() {
	containers, err := s.Docker.Running(nil)
	if err != nil {
		log.Printf("Docker: %v", err)
		return
	}
	requests := Requests(containers, s.Directory, s.Email)
	s.seen(requests)
	for _, request := range requests {
		name := request.Names[0]
		ordered := s.Store.Wanted(request, time.Now())
		if ordered {
			log.Printf("Creating/renewal %s certificates... (%s)", name, strings.Join(request.Names, " "))
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
			err := s.Store.Order(ctx, s.Authority, request)
			cancel()
			if err != nil {
				log.Printf("Error: %s: %v", name, err)
				continue
			}
		}
		linked, err := s.Store.Link(request)
		if err != nil {
			log.Printf("Error: %s: %v", name, err)
		}
		if ordered || linked {
			s.reload()
		}
	}
	unlinked, err := s.Store.Unlink(requests)
	if err != nil {
		log.Print(err)
	}
	if unlinked {
		s.reload()
	}
}

// reload has docker-gen see the new files and nginx read them.
func (s *Service) reload() {
	for _, label := range []string{dockerGenLabel, nginxLabel} {
		found, err := s.Docker.Running(map[string][]string{"label": {label}})
		if err != nil {
			log.Print(err)
			continue
		}
		for _, container := range found {
			log.Printf("Reloading %s (%.12s)...", container.Name, container.ID)
			if err := s.Docker.Signal(container.ID, "SIGHUP"); err != nil {
				log.Print(err)
			}
		}
		// docker-gen first: nginx must find its new configuration.
		time.Sleep(300 * time.Millisecond)
	}
}

func (s *Service) seen(requests []Request) {
	var text strings.Builder
	for _, request := range requests {
		fmt.Fprintln(&text, strings.Join(request.Names, " "))
	}
	if err := os.WriteFile(seenFile, []byte(text.String()), 0o644); err != nil {
		log.Print(err)
	}
}
