package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func from(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	}
}

func with(name, value string) map[string]string {
	return map[string]string{"MM_SQLSETTINGS_DATASOURCE": "postgres://u:secret@db/mm", name: value}
}

func TestDefaultsAreMattermosts(t *testing.T) {
	read, err := Read(from(with("", "")), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Settings{
		ListenAddress: ":8065", Socket: "/var/tmp/mattermost_local.socket", Directory: "./data/",
		DataSource: "postgres://u:secret@db/mm", Connections: 100, MaxFileSize: 104857600,
		MetricsAddress: ":8067",
	}
	if read != want {
		t.Fatalf("%+v", read)
	}
}

func TestTheEnvironmentWinsOverTheFile(t *testing.T) {
	file := File{"FileSettings": {"MaxFileSize": float64(104857600), "Directory": "/from/file"}}
	read, err := Read(from(with("MM_FILESETTINGS_DIRECTORY", "/from/environment")), file)
	if err != nil || read.Directory != "/from/environment" || read.MaxFileSize != 104857600 {
		t.Fatalf("%+v %v", read, err)
	}
}

func TestTheFileWinsOverTheDefaults(t *testing.T) {
	file := File{"ServiceSettings": {"EnableLocalMode": true, "SiteURL": "https://chat.test"}}
	read, err := Read(from(with("", "")), file)
	if err != nil || !read.LocalMode || read.SiteURL != "https://chat.test" {
		t.Fatalf("%+v %v", read, err)
	}
}

func TestWrongSettingsAreNamed(t *testing.T) {
	for name, value := range map[string]string{
		"MM_SQLSETTINGS_DRIVERNAME":          "mysql",
		"MM_SQLSETTINGS_DATASOURCE":          "mysql://u:secret@db/mm",
		"MM_SQLSETTINGS_MAXOPENCONNS":        "0",
		"MM_FILESETTINGS_DRIVERNAME":         "amazons3",
		"MM_FILESETTINGS_MAXFILESIZE":        "100m",
		"MM_SERVICESETTINGS_SITEURL":         "chat.test",
		"MM_SERVICESETTINGS_ENABLELOCALMODE": "on",
		"MM_METRICSSETTINGS_ENABLE":          "",
	} {
		_, err := Read(from(with(name, value)), nil)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s=%s: %v", name, value, err)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the message holds the password: %v", name, err)
		}
	}
}

func TestAMissingFileIsWrittenOnceAndKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.json")
	first, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	second, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	key, _ := first.lookup("SQLSETTINGS", "ATRESTENCRYPTKEY")
	again, _ := second.lookup("SQLSETTINGS", "ATRESTENCRYPTKEY")
	if len(key) != 32 || key != again {
		t.Fatalf("%q is not %q", again, key)
	}
}

func TestABrokenFileIsAnErrorAndStaysAsItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFile(path); err == nil {
		t.Fatal("a broken file was taken")
	}
	if content, _ := os.ReadFile(path); string(content) != "{" {
		t.Fatalf("overwritten with %q", content)
	}
}
