package dockergen

import (
	_ "embed"
	"strings"
	"text/template"
)

//go:embed nginx.conf.tmpl
var text string

var nginx = template.Must(template.New("nginx").Parse(text))

// Render writes the configuration of these hosts.
func Render(hosts []Host, settings Settings) (string, error) {
	var out strings.Builder
	err := nginx.Execute(&out, map[string]any{
		"Hosts":     hosts,
		"Trust":     settings.get("TRUST_DOWNSTREAM_PROXY", "true") == "true",
		"AccessLog": settings.get("DISABLE_ACCESS_LOGS", "false") != "true",
		"OwnProxy":  settings.exists("/etc/nginx/proxy.conf"),
		"Resolvers": settings.get("RESOLVERS", ""),
		"Default":   settings.pair("default"),
	})
	return out.String(), err
}
